"""The rules of our voice: what we don't write, and what we write instead.

CONTRIBUTING.md describes the voice. Each rule against translated sentences has two examples: a
sentence that it catches, and the same thought as a native writer would put it.
"""

from typing import NamedTuple

from proselint.registry.checks import Check
from proselint.registry.checks.engine import Fancy, RegexOptions
from proselint.registry.checks.types import ExistenceSimple, PreferredForms

_START = r"(?:(?<=[.:?!] )|(?<=[.:?!]\n)|(?<=\n\n)|(?<=[-*|>] ))"
"""Where a sentence can begin: after another one, in a paragraph, a list, a cell, or a quotation."""


class Rule(NamedTuple):
    """A pattern that native writers don't use."""

    name: str
    pattern: str
    """A regular expression. An uppercase letter in it matches that letter only."""
    caught: str
    instead: str

    @property
    def check(self) -> Check:
        """The rule, as proselint runs it."""
        return Check(
            ExistenceSimple(self.pattern),
            engine=Fancy(RegexOptions(case_insensitive=False)),
            path=f"translated.{self.name}",
            message=f"'{{}}' reads as translated. Not “{self.caught}”, but “{self.instead}”",
        )


TRANSLATED = (
    # Sentences whose verb comes late.
    Rule(
        "inversion",
        _START + r"(?:What(?:ever)? (?:is|are|was|has|can|cannot|keeps|comes)|Whatever)\b"
        r"[^.?!:|]{3,100}?\b(?:is|are) (?:\w+ )?(?:said|told|shown|named|"
        r"listed|kept|left|refused|saved|done|counted|taken|skipped|found|made|replaced)\b",
        "What is wrong with it is said at once.",
        "The command lists every mistake.",
    ),
    Rule(
        "comma-before-the-verb",
        _START + r"(?:What|Who|Whoever)\b[^.,?!:|]{2,60}, (?:is|are|has|does|goes|comes)\b",
        "What is indented, is inside.",
        "The indented lines are inside.",
    ),
    Rule(
        "who-does",
        _START + r"Who (?:is|has|was|does|can|wants|needs)\b[^.?!:|]{5,120}\.(?=\s)",
        "Who is done early goes on to the bonus.",
        "Trainees who finish early continue with the bonus.",
    ),
    Rule(
        "where-for-if",
        _START + r"Where (?!to\b|do\b|does\b|did\b|is\b|are\b|can\b)[^.?!:|,]{3,90}, "
        r"(?!and\b|or\b|which\b|such\b)",
        "Where a tool is missing, its tests are skipped.",
        "If a tool is missing, pytest skips its tests.",
    ),
    Rule(
        "nothing-but",
        r"\b(?:[Nn]one|[Nn]othing|[Nn]obody|[Nn]o one)\b[^.;:,|]{0,50} but "
        r"(?:the|a|an|this|that|those|one|what|in|on|by)\b",
        "None of them needs a network but the last.",
        "Only the last one needs a network.",
    ),
    Rule(
        "alone",
        r"\b(?:owner|trainee|name|version|yours|theirs|ours|its|time|those|file|kind)s? alone\b",
        "It is readable by its owner alone.",
        "Only its owner can read it.",
    ),
    # Passives that hide the command which speaks.
    Rule(
        "is-said",
        r"\b(?:is|are|was|were|be|been) (?:\w+ly )?(?:said|told)\b(?! you\b)",
        "A mistake is said with its line.",
        "The command reports a mistake with its line.",
    ),
    Rule(
        "tells",
        r"\b(?:[Tt]wo|[Bb]oth|they|that|which) tells? it\b|"
        r"\b[Tt]ells it\b|\b[Tt]ells (?:what|which|whether|how|where|who|why|that|of)\b",
        "Two tell it.",
        "Two places tell you.",
    ),
    Rule(
        "can-be-had",
        r"\b(?:can|cannot|can't|could|may|must|to) be had\b",
        "The version cannot be had.",
        "The version isn't available.",
    ),
    Rule(
        "is-to-be",
        r"\b(?:is|are|was|were) to (?:be \w+|have|say|hold|stand|get|give|go|come|know|do|run)\b",
        "The output is to be compared.",
        "The test compares the output.",
    ),
    # Words in a meaning that they have in another language.
    Rule(
        "over",
        r"\b[Ff]rom\b[^.;:|]{1,60}? over (?!time\b|the network\b|HTTP|TCP|ssh)[^.;:|]{1,60}? to\b",
        'It leads from "it feels slow" over timing by hand to tracing.',
        "It starts with log lines, continues with an ID, and ends with tracing.",
    ),
    Rule(
        "comes-to",
        r"\bwhat (?:it|this|that|they|all of it) comes? to\b|\bcomes? of it\b",
        "This is what it comes to.",
        "This is the result.",
    ),
    Rule(
        "in-sight",
        r"\bin (?:its|their|his|her|your|our) sight\b",
        "It runs without the key in its sight.",
        "It runs without access to the key.",
    ),
    Rule(
        "keeps-from",
        r"\b(?:keep|keeps|kept|keeping) [^.;:|]{1,50}? from being\b",
        "What keeps one from being looked at keeps all.",
        "If one can't be checked, none can.",
    ),
    Rule(
        "wants",
        r"\b(?:[Ww]ants? (?!any|noth|someth|everyth|str)\w+ing\b|"
        r"(?:[Tt]ests?|[Cc]hecks?|[Cc]ommands?|[Cc]onsole|[Pp]ages?|[Ff]iles?|[Bb]onus|[Tt]emplate|"
        r"[Bb]rowsers?|\b[Ii]t) wants?\b)",
        "Its tests want Chromium.",
        "Its tests need Chromium.",
    ),
    Rule(
        "same-goes",
        r"\bsame (?:goes|holds|counts) for\b|\b(?:[Tt]hat|[Tt]he same|[Tt]his) holds for\b",
        "The same goes for containers.",
        "Containers work the same way.",
    ),
    Rule(
        "stands-in",
        r"\b(?:stands?|stood|standing) (?:in(?! for\b)|below|above|beside|behind|here|once)\b|"
        r"\bstands? (?:on|there)\b",
        "The number stands in no file.",
        "No file contains the number.",
    ),
    Rule(
        "held-against",
        r"\b(?:hold|holds|held|holding)\b[^.;:|]{0,50} against\b",
        "It holds the roster against the schema.",
        "It checks the roster against the schema.",
    ),
    Rule(
        "that-is-there",
        r"\bthat (?:is|are|was|were) there\b(?! (?:is|are|for)\b)",
        "An .env that is there stays as it is.",
        "An existing .env doesn't change.",
    ),
    Rule(
        "apart",
        r"\b(?:show|keep|tell)s? (?:each|every|one|all|it|them)\b[^.;:,|]{0,30} apart\b",
        "It shows each payload apart.",
        "It shows each payload separately.",
    ),
    Rule(
        "and-its-like",
        r"\b(?:and|or) (?:its|their|his) likes?\b|\band the like\b",
        "Jaeger and its like need a container.",
        "Jaeger and similar tools need a container.",
    ),
    Rule(
        "looked-at",
        r"\b(?:is|are|was|were|be|being) (?:not |never )?looked (?:at|for|after)\b",
        "The file is not looked at.",
        "The command ignores the file.",
    ),
    Rule(
        "is-none",
        r"(?<!here )\b(?:is|are) (?:none\b(?! of\b)|no (?:rosters?|files?|folders?|names?|texts?|"
        r"steps?|commands?|numbers?|workshops?|repositor(?:y|ies)|templates?)\b)",
        "It explains files that are no rosters.",
        "It explains why a file isn't a roster.",
    ),
    Rule(
        "mostly",
        _START + r"Mostly\b",
        "Mostly an import is missing.",
        "Usually an import is missing.",
    ),
    Rule(
        "goes-by",
        r"\bgo(?:es)? by (?:the|its|their|that|these|those|flags|what|a)\b",
        "That one goes by the submodule's settings.",
        "It uses the submodule's settings.",
    ),
    Rule(
        "houses",
        r"\b[Hh]ouses?\b",
        "There are two houses.",
        "There are two repositories.",
    ),
)
"""Patterns of sentences that read as translated, each with a sentence to write instead."""

OURS = (
    Check(
        ExistenceSimple(
            r"\b(?:simply|obviously|of course|basically|actually|easily|very|really|just|"
            r"please|needless to say|note that|keep in mind|as you can see|let's|feel free)\b"
        ),
        path="ours.filler",
        message="'{}' says nothing. Take it out.",
    ),
    Check(
        ExistenceSimple(
            r"\b(?:(?:it|this) (?:is|can be|should be|must be) (?:noted|seen|recommended|advised)|"
            r"(?:has|have) been (?:designed|implemented|added) (?:to|so)|"
            r"(?:can|may|should) be (?:used|done) (?:to|by))\b"
        ),
        path="ours.passive",
        message="'{}' hides who does what. Say who.",
    ),
    Check(
        PreferredForms(
            {
                "in order to": "to",
                "utilize": "use",
                "utilise": "use",
                "leverage": "use",
                "click here": "where it leads",
                "click on": "click",
                "make sure": "what to do",
                "prior to": "before",
                "whether or not": "whether",
                "a number of": "how many",
            }
        ),
        path="ours.plain",
        message="Say {}, not '{}'.",
    ),
    Check(
        PreferredForms(
            {
                "anew": "again",
                "afterwards": "afterward",
                "all else": "everything else",
                "backwards": "backward",
                "beside": "next to, or with",
                "besides": "except, next to, or also",
                "mend": "fix",
                "mends": "fixes",
                "in vain": "without success",
                "mended": "fixed",
                "one's own": "your own",
                "shall": "must or will",
                "thereby": "so",
                "therein": "in it",
                "till": "until",
                "uppermost": "top",
                "whereof": "of which",
                "whoever": "anyone who",
                "whomever": "anyone whom",
            }
        ),
        path="translated.words",
        message="Say {}, not '{}'.",
    ),
    Check(
        PreferredForms(
            {
                "analyse": "analyze",
                "artefact": "artifact",
                "behaviour": "behavior",
                "cancelled": "canceled",
                "centre": "center",
                "colour": "color",
                "colours": "colors",
                "favourite": "favorite",
                "grey": "gray",
                "labelled": "labeled",
                "licence": "license",
                "lower-case": "lowercase",
                "neighbour": "neighbor",
                "organise": "organize",
                "recognise": "recognize",
                "recognises": "recognizes",
                "towards": "toward",
                "upper-case": "uppercase",
                "whilst": "while",
            }
        ),
        path="ours.american",
        message="In American English, write {}, not '{}'.",
    ),
    Check(
        ExistenceSimple(r"\b(?:e\.g\.|i\.e\.|etc\.)"),
        path="ours.latin",
        message="Say 'such as', 'that is', or what the rest is, not '{}'.",
    ),
    Check(
        ExistenceSimple(r"[\w)]!(?:\s|$)"),
        path="ours.exclamation",
        message="No exclamation marks: '{}'.",
    ),
    Check(ExistenceSimple("\u2014"), path="ours.dash", message="A comma or a colon, no '{}'."),
    *(rule.check for rule in TRANSLATED),
)
"""What we do not write."""
