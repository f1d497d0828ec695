#!/usr/bin/env bash
# Tells the mood of a text: a node without Headgate's runtime. One member, no loop, plain paths in its parameters.
set -euo pipefail
task=$(base64 -d <<<"$HEADGATE_TASK") root=${HEADGATE_ROOT:-}
ask() { jq -r "$@" <<<"$task"; }
put() { sed 's/{{/\\u007b\\u007b/g; s/\$/\\u0024/g' | tr -d '\n' >"$root/out/$1.part" && mv "$root/out/$1.part" "$root/out/$1"; }
tell() {
  jq -nac --arg n "$node" --arg phase "$1" --arg reason "${2:-}" --arg message "${3:-}" \
    '{version: 1, instances: {($n): {$phase, $reason, $message}}}' | put report
  [ "$1" = Running ] || jq -nac --arg n "$node" --arg phase "$1" --arg reason "${2:-}" --arg message "${3:-}" \
    '{($n): ({outcome: [$phase]} + if $phase == "Failed" then {error: {$reason, $message}} else {} end)}' | put ends
}
node=$(ask '.members[0].node')
for need in $(ask '.sources // {} | keys[]'); do # how it ended, and what it left
  ends=$(ask --arg n "$need" '.sources[$n].ends[0] // empty') left=$(ask --arg n "$need" '.sources[$n].documents[0] // empty')
  task=$(ask --arg n "$need" --slurpfile ends "${ends:+$root}${ends:-/dev/null}" --slurpfile left "${left:+$root}${left:-/dev/null}" \
    '.sources[$n].end //= $ends[0][$n] | .left[$n] = $left[0]')
done
fate=$(ask '[(.sources // {}) as $s | .members[0].needs // {} | to_entries[] | $s[.key].end.outcome as $ended |
    {$ended, missed: (($ended // []) - (($ended // []) - .value) == [])}] |
  if any(.ended == null) then "Open" elif all(.missed | not) then "Run"
  elif any(.missed and (.ended == ["Failed"] or .ended == ["Omitted"])) then "Omitted" else "Skipped" end')
for file in $(ask '.go // {} | keys[]'); do printf true >"$root/out/$file"; done
case $fate in Open) exit 0 ;; Omitted) tell Omitted NeedFailed && exit 0 ;; Skipped) tell Skipped NeedSkipped && exit 0 ;; esac
tell Running
text=$(ask '"^\\$\\{\\s*(?<p>[A-Za-z_][A-Za-z0-9_.]*)\\s*\\}$" as $plain | .members[0].with.text as $text | {inputs, vars} + .left |
  if $text | test($plain) then getpath($text | capture($plain).p / ".") else $text end | strings') || text=
[ -n "$text" ] || { tell Failed InvalidParameters "text: is not there, or is no text" && exit 0; }
count() { { grep -oiwE "$1" <<<"$text" || true; } | wc -l; }
good=$(count 'love|great|good') bad=$(count 'hate|broke|bad')
jq -nac --argjson good "$good" --argjson bad "$bad" '{mood: (if $good > $bad then "good" elif $good < $bad then "bad" else "neutral" end)}' |
  put "$(ask '.members[0].document')"
tell Succeeded
