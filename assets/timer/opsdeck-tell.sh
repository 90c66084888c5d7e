#!/bin/sh
# 状态变了，告诉大家：群机器人（webhook）或邮件。例子，按自己的改。
# Tells people that a state has changed: by a chat's webhook, or by mail. An example; make it yours.
#
# given   by opsdeck check --on-change:
#             OPSDECK_ENV       prod
#             OPSDECK_STATE     ok, warning, failed, unknown
#             OPSDECK_BEFORE    the same, as it was told the last time; none the first time
#             OPSDECK_HEADLINE  one line, in part what a server said: never to be run or evaluated
#             OPSDECK_EXIT      0 to 3, as the check's exit code
#             standard input    the check as text
# needs   for a webhook: curl, and ~/.config/opsdeck/webhook (mode 0600), one line: the address with its token. For mail: mail
# exits   0 when it was told; anything else, and opsdeck tells it again the next time. It has 60 s
set -eu

# 地址里有令牌，只放在这个文件里 / the address holds a token and stands in this file only:
#   https://chat.example.invalid/send?key=TOKEN
webhook="${XDG_CONFIG_HOME:-$HOME/.config}/opsdeck/webhook"
# 收信人，空着就不发邮件 / who gets mail; nobody when empty
to=''

subject="[opsdeck] $OPSDECK_ENV: $OPSDECK_BEFORE -> $OPSDECK_STATE"
text=$(cat)

# 一段文字变成 JSON 里的字符串 / a text as a string of JSON
quoted() {
  printf '%s' "$1" | LC_ALL=C tr -d '\000-\010\013-\037\177' |
    LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' | LC_ALL=C awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }'
}

told=
if [ -s "$webhook" ]; then
  # 很多群限制长度：只发一行结论 / chats limit the length: the headline alone
  message=$(quoted "$subject
$OPSDECK_HEADLINE")
  # 地址从标准输入给 curl，不出现在进程列表里 / the address goes to curl on standard input, not into the list of processes
  sed -n '1s/.*/url = "&"/p' "$webhook" | curl -fsS -m 20 -K - \
    -H 'Content-Type: application/json' -d "{\"msgtype\":\"text\",\"text\":{\"content\":\"$message\"}}" >/dev/null
  told=yes
fi
if [ -n "$to" ]; then
  printf '%s\n\n%s\n' "$OPSDECK_HEADLINE" "$text" | mail -s "$subject" "$to"
  told=yes
fi
if [ -z "$told" ]; then
  echo "nobody to tell: neither $webhook nor a mail address" >&2
  exit 1
fi
