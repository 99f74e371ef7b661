"""Completion as each shell wants it: scripts, and answers that are safe to be put on a line.

What is offered was written by the authors of pages. bash puts it onto the line as it is, so it is
quoted here; zsh and fish quote it themselves; PowerShell gets it quoted.
"""

import json
import locale
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from .completing import argument_of
from .quoting import FISH, POSIX, POWERSHELL, Rules, Word, quote_bash, quote_powershell, read_line

# The program is asked only where it is found by its whole path: not what lies in the folder.
_BASH = r"""
%(complete_func)s() {
    local program reply
    COMPREPLY=()
    program=$(type -P %(prog_name)s) && [[ $program == /* ]] || return
    while IFS= read -r reply; do
        case $reply in
            plain,*) COMPREPLY+=("${reply#plain,}") ;;
            dir,*) compopt -o dirnames 2>/dev/null ;;
            file,*) compopt -o default 2>/dev/null ;;
        esac
    done <<< "$(%(complete_var)s=bash_complete "$program" \
        "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)"
}

complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""

_ZSH = r"""#compdef %(prog_name)s

%(complete_func)s() {
    local program=$commands[%(prog_name)s] reply
    local -a values described shown
    [[ $program == /* ]] || return 1
    for reply in "${(@f)$(%(complete_var)s=zsh_complete $program \
        "$QIPREFIX$PREFIX" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null </dev/null)}"; do
        case $reply in
            plain,*$'\t'*)
                reply=${reply#plain,}
                described+=("${reply%%%%$'\t'*}")
                shown+=("${reply/$'\t'/  -- }")
                ;;
            plain,*) values+=("${reply#plain,}") ;;
            dir,*) _path_files -/ ;;
            file,*) _path_files ;;
        esac
    done
    (( $#described )) && compadd -U -V unsorted -l -d shown -a -- described
    (( $#values )) && compadd -U -V unsorted -a -- values
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = r"""
function %(complete_func)s
    string match -q '/*' -- (command -s %(prog_name)s); or return
    set -l token (commandline -ct)
    set -l words (commandline -opc)
    set -e words[1]
    set -lx %(complete_var)s fish_complete
    for reply in (command %(prog_name)s "$token" $words 2>/dev/null </dev/null)
        switch $reply
            case 'plain,*'
                string sub -s 7 -- $reply
            case 'dir,*'
                __fish_complete_directories "$token"
            case 'file,*'
                __fish_complete_path "$token"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
"""

_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $ast, $cursor)
    $program = Get-Command %(prog_name)s -CommandType Application -ErrorAction SilentlyContinue |
        Select-Object -First 1
    if (-not $program) { return }
    $line = $ast.ToString()
    $end = $cursor - $ast.Extent.StartOffset
    if ($end -lt $line.Length) { $line = $line.Substring(0, $end) }
    elseif (-not $word) { $line += ' ' }
    $env:%(complete_var)s = 'powershell_complete'
    $env:%(complete_var)s_LINE = $line
    try { $answer = & $program.Source 2>$null }
    finally { Remove-Item Env:%(complete_var)s, Env:%(complete_var)s_LINE }
    if (-not $answer) { return }
    foreach ($item in ($answer | Out-String | ConvertFrom-Json)) {
        if ($item.type -eq 'plain') {
            [System.Management.Automation.CompletionResult]::new(
                $item.value, $item.shown, 'ParameterValue', $item.help)
        } else {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($word)
        }
    }
}
"""

# What no shell gives a meaning: what scripts of before, which may quote nothing, are given.
_HARMLESS = re.compile(r"[\w.:：·-]*")


class _Shell(ShellComplete):
    """What is the same for all shells."""

    rules: Rules = POSIX

    def complete(self) -> str:
        """Answer the script; nothing at all where something is wrong: there is no place for it."""
        try:
            if "COMP_WORDS" in os.environ:
                return "\n".join(self._answer_before())
            return "\n".join(self.answer(sys.argv[1:]))
        except Exception:
            return ""

    def answer(self, asked: Sequence[str]) -> Iterator[str]:
        """Answer what the script of today asks: the word that is being typed, and those before."""
        word = read_line(asked[0], self.rules)[-1] if asked[0].strip() else Word("", "")
        if word.plain:
            yield from map(self.format_completion, self.offers(list(asked[1:]), word.text))

    def offers(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        """What can stand at the cursor, as arguments."""
        items = self.get_completions(args, incomplete)
        if re.fullmatch("utf-?8", locale.getencoding(), re.IGNORECASE):
            return items
        # The answer is UTF-8: read as another encoding, it could be taken for other characters.
        return [item for item in items if item.value.isascii()]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Give a line of the answer; the script parts a description off at the tab."""
        return f"{item.type},{item.value}{_description(item)}"

    def _answer_before(self) -> Iterator[str]:
        """Answer the script that click made, which a shell may still have loaded."""
        args, incomplete = self.get_completion_args()
        kept = self.kept_before(incomplete)
        for item in self.offers(args, kept + incomplete):
            if item.value.startswith(kept) and _HARMLESS.fullmatch(item.value):
                yield self.format_before(item, item.value.removeprefix(kept))

    def kept_before(self, _: str) -> str:
        """What stands before the word that a script of before asks for, and belongs to it."""
        return ""

    def format_before(self, item: CompletionItem[Any], value: str) -> str:
        """Give a line of the answer to a script of before."""
        return f"{item.type},{value}"

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read what a script of before asks."""
        words = [word.text for word in read_line(os.environ["COMP_WORDS"], POSIX)]
        cursor = int(os.environ["COMP_CWORD"])
        return words[1:cursor], "".join(words[cursor : cursor + 1])


def _description(item: CompletionItem[Any]) -> str:
    return "\t" + " ".join(item.help.split()) if item.help else ""


class Bash(_Shell):
    """bash puts the answer in the place of the part of the word behind the last colon."""

    name = "bash"
    source_template = _BASH

    def answer(self, asked: Sequence[str]) -> Iterator[str]:
        """Answer with what is to stand in the place of the part, quoted."""
        line, part = asked
        *before, word = read_line(line, POSIX)
        if not word.plain or not word.typed.endswith(part):
            return
        # What stays on the line, and in which quotation marks it ends.
        stays = read_line(word.typed[: len(word.typed) - len(part)], POSIX)[-1]
        items = self.offers([row.text for row in before[1:]], word.text)
        items = [item for item in items if item.value.startswith(stays.text)]
        for item in items:
            # bash itself closes no quotation that ends in such a mark.
            shown = quote_bash(item.value[len(stays.text) :], stays.quote)
            yield f"{item.type},{shown}{stays.quote}"

    def kept_before(self, incomplete: str) -> str:
        """A script of before is asked for what stands behind the colon alone."""
        words = os.environ["COMP_WORDS"][-1_000:]
        found = re.search(r"(\S+)\s+([:：])\s*(\S*)$", words.rstrip("\n"))
        return f"{found[1]}{found[2]}" if found and found[3] == incomplete else ""


class Zsh(_Shell):
    """zsh quotes what it is given; a list is parted into lines."""

    name = "zsh"
    source_template = _ZSH

    def format_before(self, item: CompletionItem[Any], value: str) -> str:
        """Give the three lines of an answer to a script of before."""
        return f"{item.type}\n{value}\n{item.help or '_'}"


class Fish(_Shell):
    """fish quotes what it is given."""

    name = "fish"
    source_template = _FISH
    rules = FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Read what a script of before asks: its last word is the one that is being typed."""
        words = [word.text for word in read_line(os.environ["COMP_WORDS"], FISH)]
        return words[1:-1], words[-1]


class PowerShell(_Shell):
    """PowerShell puts the answer in the place of the word; read as JSON of ASCII alone."""

    name = "powershell"
    source_template = _POWERSHELL
    rules = POWERSHELL

    def answer(self, _: Sequence[str]) -> Iterator[str]:
        """Answer with one line of JSON."""
        *before, word = read_line(os.environ[f"{self.complete_var}_LINE"], POWERSHELL)
        if not word.plain:
            return
        items = self.get_completions([row.text for row in before[1:]], word.text)
        rows = [
            {
                "type": item.type,
                "value": quote_powershell(text),
                "shown": text or "?",
                "help": " ".join((item.help or text or "?").split()),
            }
            for item in items
            if (text := _without_plain_marks(item)) is not None
        ]
        yield json.dumps(rows)


def _without_plain_marks(item: CompletionItem[Any]) -> str | None:
    """An argument without plain quotation marks, which PowerShell up to 7.2 loses; None if none."""
    text = item.value
    if '"' in text and item.field:
        text = argument_of(item.field, item.asked, "“") or text
    return None if '"' in text else text


SHELLS: dict[str, type[_Shell]] = {shell.name: shell for shell in (Bash, Zsh, Fish, PowerShell)}


def register() -> None:
    """Have click use these in the place of its own."""
    for shell in SHELLS.values():
        add_completion_class(shell)
