"""
How a cache lies in Redis and Valkey: strings with an end, and the scripts that change them. Pure.

A script has one key, so it runs on a cluster, too. It does what `fenced` and `released` of `holdall.cache_drivers` say,
letter by letter, without a look at the server's clock. What is of another type than a string counts as nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from holdall.cache_drivers import ANYBODY, MOST_FENCES, TOKEN_BYTES

if TYPE_CHECKING:
    from holdall.cache_drivers import Added, Drop, Fence, Release, Swap

Command = tuple[Any, ...]
"""A command's name and its arguments."""


class Script(NamedTuple):
    """A script, and the name that the server gives it."""

    text: str
    sha: str


def _script(*parts: str) -> Script:
    text = "".join(parts)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


_CURRENT = """
local function current()
  local got = redis.pcall('GET', KEYS[1])
  if type(got) == 'table' then
    if not string.find(got.err, 'WRONGTYPE', 1, true) then redis.call('GET', KEYS[1]) end
    return false
  end
  return got
end
"""
_FENCES = f"""
local token, now = ARGV[1], tonumber(ARGV[2])
local function fences(text)
  local found = {{}}
  if not text or string.sub(text, 1, 1) ~= 'F' then return found end
  for at = 3, #text, {TOKEN_BYTES + 13} do
    local time = string.sub(text, at + {TOKEN_BYTES}, at + {TOKEN_BYTES + 12})
    if string.find(time, '^%d+$') then
      found[#found + 1] = {{string.sub(text, at, at + {TOKEN_BYTES - 1}), tonumber(time)}}
    end
  end
  return found
end
local function keep(mark, live)
  local text, last = 'F' .. mark, 0
  for _, one in ipairs(live) do
    text = text .. one[1] .. string.format('%013d', one[2])
    last = math.max(last, one[2])
  end
  redis.call('SET', KEYS[1], text, 'PX', string.format('%d', math.max(1, last - now)))
end
"""
_BEGINS = """
local got = redis.pcall('GETRANGE', KEYS[1], 0, #ARGV[1])
if type(got) == 'table' then
  if not string.find(got.err, 'WRONGTYPE', 1, true) then redis.call('GETRANGE', KEYS[1], 0, 0) end
  return 0
end
if string.sub(got, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
if ARGV[1] == '' and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
"""

SWAP = _script(_BEGINS, """
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")  # fmt: skip
DROP = _script(_BEGINS, """
redis.call('DEL', KEYS[1])
return 1
""")  # fmt: skip
FENCE = _script(_CURRENT, _FENCES, f"""
local anybody = '{ANYBODY.decode()}'
local text, live, last = current(), {{}}, tonumber(ARGV[3])
for _, one in ipairs(fences(text)) do
  if one[2] > now then live[#live + 1] = one end
end
if #live < {MOST_FENCES} then
  live[#live + 1] = {{token, last}}
else
  local own = {{}}
  for _, one in ipairs(live) do
    if one[1] == anybody or #own == {MOST_FENCES - 1} then
      last = math.max(last, one[2])
    else
      own[#own + 1] = one
    end
  end
  own[#own + 1] = {{anybody, last}}
  live = own
end
keep(text and string.sub(text, 1, 1) == 'F' and '1' or '0', live)
return 1
""")  # fmt: skip
RELEASE = _script(_CURRENT, _FENCES, """
local text, others = current(), {}
local found = fences(text)
for _, one in ipairs(found) do
  if one[2] > now and one[1] ~= token then others[#others + 1] = one end
end
if #others > 0 then
  keep('1', others)
elseif ARGV[4] and #found == 1 and found[1][1] == token and string.sub(text, 1, 2) == 'F0' then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
return 1
""")  # fmt: skip
_TEXTS = {script.sha: script.text for script in (SWAP, DROP, FENCE, RELEASE)}


def add(added: Added) -> Command:
    """Return the command that keeps something where there is nothing."""
    return "SET", added.key, added.value, "PX", milliseconds(added.seconds), "NX"


def swap(asked: Swap) -> Command:
    """Return the command that replaces something, if it is still there."""
    return "EVALSHA", SWAP.sha, 1, asked.key, asked.expected, asked.value, milliseconds(asked.seconds)


def drop(asked: Drop) -> Command:
    """Return the command that removes something, if it is still there."""
    return "EVALSHA", DROP.sha, 1, asked.key, asked.expected


def fence(key: str, put: Fence) -> Command:
    """Return the command that puts up a fence."""
    return "EVALSHA", FENCE.sha, 1, key, put.token, put.now, put.until


def release(ended: Release, put: Fence) -> Command:
    """Return the command that takes a fence down."""
    told = ("EVALSHA", RELEASE.sha, 1, ended.key, put.token, put.now, milliseconds(ended.seconds))
    return told if ended.value is None else (*told, ended.value)


def in_full(command: Command) -> Command:
    """Return the command for a server that does not know the script yet; it does from then on."""
    return "EVAL", _TEXTS[command[1]], *command[2:]


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds, at least 1: the server takes no less."""
    return max(1, round(seconds * 1000))
