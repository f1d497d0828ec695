"""Runs a person's code so that nothing but its own inputs, its answer and an empty folder is in its reach.

The `code` node calls `sandbox.run.run`. What a person writes:

    total:
      use: code
      with:
        language: python
        inputs: {prices: "${fetch.body.prices}"}
        code: |
          def main(prices):
              return sum(prices)

`main` gets the inputs by name, in JavaScript as one object: `function main({prices}) {…}`. What it returns, as JSON, is
`result`, and what it printed is `stdout`.
"""
