"""`pii-shield completion SHELL`: a script for the shell, which asks this program at every Tab.

What can stand in a place comes from the parsers themselves, so a new command or option needs nothing here.
"""

import shlex
import sys
from argparse import REMAINDER, SUPPRESS, Action, ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from . import names, page

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DESCRIPTION = """\
Prints a script that makes the Tab key complete commands, options, clients, servers, entity types and files. Have the
shell read it at its start.
"""
FILES: Final = 3
"""Exit code that says: let the shell complete a file's name."""
_BASH: Final = """\
_pii_shield() {
    local answer word _
    COMPREPLY=()
    answer=$(@LAUNCHER@ completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [ $? -eq @FILES@ ]; then
        compopt -o default 2>/dev/null
        return
    fi
    while IFS=$'\\t' read -r word _; do
        if [ -n "$word" ]; then COMPREPLY+=("$word"); fi
    done <<< "$answer"
}
complete -F _pii_shield pii-shield
"""
_ZSH: Final = """\
#compdef pii-shield
_pii_shield() {
    local answer line
    local -a found
    answer=$(@LAUNCHER@ completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    if [ $? -eq @FILES@ ]; then
        _files
        return
    fi
    for line in ${(f)answer}; do found+=("${line%%$'\\t'*}"); done
    compadd -a found
}
compdef _pii_shield pii-shield
"""
_FISH: Final = """\
function __pii_shield_complete
    set -l words (commandline -opc) (commandline -ct)
    @LAUNCHER@ completion words -- $words[2..-1] 2>/dev/null
    if test $status -eq @FILES@
        __fish_complete_path (commandline -ct)
    end
end
complete -c pii-shield -f -a '(__pii_shield_complete)'
"""
_POWERSHELL: Final = """\
Register-ArgumentCompleter -Native -CommandName pii-shield -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $new = if ($wordToComplete -eq '') { @('--new') } else { @() }
    & @LAUNCHER@ completion @new words -- @words 2>$null | ForEach-Object {
        $name, $help = $_ -split "`t", 2
        if (-not $help) { $help = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $help)
    }
}
"""


class Shell(NamedTuple):
    """One shell.

    Attributes:
        script: with @LAUNCHER@ for the command that starts this program.
        quoted: makes one word of the shell of a text.
        how: how to have it read at every start.
    """

    script: str
    quoted: Callable[[str], str]
    how: str


SHELLS: Final[Mapping[str, Shell]] = {
    "bash": Shell(_BASH, shlex.quote, "pii-shield completion bash >> ~/.bashrc"),
    "zsh": Shell(_ZSH, shlex.quote, "pii-shield completion zsh >> ~/.zshrc   (below compinit)"),
    "fish": Shell(_FISH, shlex.quote, "pii-shield completion fish > ~/.config/fish/completions/pii-shield.fish"),
    "powershell": Shell(
        _POWERSHELL, lambda text: "'" + text.replace("'", "''") + "'", "pii-shield completion powershell >> $PROFILE"
    ),
}


def add_parser(subparsers: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to `pii-shield`'s parser."""
    parser = subparsers.add_parser(
        "completion",
        usage="pii-shield completion [-h] {bash,zsh,fish,powershell}",
        help="make the Tab key complete commands, options and names",
        description=DESCRIPTION,
        epilog=page.epilog(examples={shell.how: "" for shell in SHELLS.values()}, exits={0: "printed", **page.USAGE}),
    )
    parser.add_argument("shell", metavar="SHELL", choices=[*SHELLS, "words"], help=f"one of {', '.join(SHELLS)}")
    parser.add_argument("--new", action="store_true", help=SUPPRESS)
    parser.add_argument("words", nargs=REMAINDER, help=SUPPRESS)
    parser.set_defaults(func=run)


def run(args: Namespace) -> int:
    """Print the script, or, asked by the script, what can stand where the cursor is."""
    if args.shell in SHELLS:
        from ..client.installers import launcher

        shell = SHELLS[args.shell]
        ours = " ".join(map(shell.quoted, launcher.find(sys.argv[0])))
        print(shell.script.replace("@LAUNCHER@", ours).replace("@FILES@", str(FILES)), end="")
        return 0
    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    found = candidates([*words, ""] if args.new or not words else words)
    if found is None:
        return FILES
    print("".join(f"{word}\t{said}\n" for word, said in found.items()), end="")
    return 0


def candidates(words: Sequence[str]) -> dict[str, str] | None:
    """What the last word can become, each with a word about it; None: a file's name.

    Args:
        words: of the command line, without the program; the last one is not finished.
    """
    from . import parser

    *before, current = [word for word in words if word != "="] or [""]
    current = "" if words[-1] == "=" else current
    before = [*before, words[-2]] if words[-1] == "=" and words[-2] not in before else before
    place = _place(parser(before), before)
    flag, equals, part = current.partition("=")
    if place.wants is None and equals and flag in place.parser._option_string_actions:
        found = _values(place.parser._option_string_actions[flag])
        return found and {f"{flag}={word}": said for word, said in found.items() if word.startswith(part)}
    found = _possible(place, current)
    return found if found is None else {word: said for word, said in found.items() if word.startswith(current)}


class _Place(NamedTuple):
    """Where the cursor is.

    Attributes:
        parser: of the command.
        wants: the option that wants its value now, or None.
        number: of positional arguments before.
        is_over: behind a "--", where another program's command line begins.
    """

    parser: ArgumentParser
    wants: Action | None = None
    number: int = 0
    is_over: bool = False


def _place(root: ArgumentParser, words: Sequence[str]) -> _Place:
    place = _Place(root)
    for word in words:
        below = page.children(place.parser)
        option = place.parser._option_string_actions.get(word)
        if place.is_over or word == "--":
            place = place._replace(is_over=True, wants=None)
        elif place.wants:
            place = place._replace(wants=None)
        elif option or word.startswith("-"):
            place = place._replace(wants=option if option and option.nargs != 0 else None)
        elif word in below:
            place = _Place(below[word])
        else:
            place = place._replace(number=place.number + 1)
    return place


def _possible(place: _Place, current: str) -> dict[str, str] | None:
    if place.is_over:
        return None
    if place.wants:
        return _values(place.wants)
    if current.startswith("-"):
        return page.described_flags(place.parser)
    below = page.described_children(place.parser)
    if below:
        return below
    positional = [action for action in place.parser._actions if not action.option_strings and action.help != SUPPRESS]
    if not positional:
        return {}
    action = positional[min(place.number, len(positional) - 1)]
    is_used_up = place.number >= len(positional) and action.nargs not in ("*", "+", REMAINDER)
    return {} if is_used_up else _values(action)


def _values(action: Action) -> dict[str, str] | None:
    if action.choices:
        return {str(choice): "" for choice in action.choices if str(choice) != "words"}
    if action.dest in names.KNOWN:
        return dict.fromkeys(names.KNOWN[action.dest](), "")
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    return None if metavar in names.FILES or action.nargs == REMAINDER else {}
