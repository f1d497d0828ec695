"""Expressions are evaluated in a process that the kernel ends if one takes too long: the engine heeds no signal.

wire      what passes between the processes
server    forks evaluators, one after the other, from a process that has the engine loaded and nothing else
answering what an evaluator does
client    the worker's side
"""
