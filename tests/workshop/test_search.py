"""The search: what a query means, what it finds, and what is offered while one types it."""

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workshop.traces.offers import offers, quoted
from workshop.traces.query import LONGEST, UnreadableQueryError, parse
from workshop.traces.search import Search
from workshop.traces.searchable import Searchable, Vocabulary
from workshop.traces.secret import is_secret
from workshop.traces.terms import Pattern
from workshop.traces.tree import traces

from tests.odd_traces import shapes

from .console.spans import key, pairing, span

RAW = list[dict[str, Any]]

REDIS = 1900
BEGIN = 1_700_000_000_000.0


def good() -> RAW:
    """A pairing of porter, trace 1, that asks Redis."""
    redis = span(
        REDIS,
        1002,
        "redis.command",
        service="redis",
        resource="ZREVRANGE",
        type="redis",
        trace_id=1,
        begin=BEGIN + 3,
        took=0.5,
        meta={"redis.raw_command": "ZREVRANGE donuts 0 5", "runtime-id": "zz500zz-77"},
        metrics={"out.port": 6379, "rows": 3},
    )
    sql = span(
        1901,
        1002,
        "sqlite.query",
        service="sqlite",
        resource="SELECT donut.name\n  FROM donut",
        type="sql",
        trace_id=1,
        begin=BEGIN + 4,
    )
    return [*pairing(1, beer="porter", begin=BEGIN), redis, sql]


def bad() -> RAW:
    """A pairing of IPA, trace 2, that fails. Its stack trace mentions line 404."""
    spans = pairing(2, error="No glaze left: 118 of 0.250", begin=BEGIN, tastings=1)
    spans[2]["meta"]["error.stack"] += '\n  File "app.py", line 404, in glaze_it'
    return spans


def by_hand() -> RAW:
    """A trace of the service timing.log, trace 3."""
    tags = {"line": "req: 11, function pair took 0.500 seconds", "req": "11"}
    named = {"service": "timing.log", "trace_id": 3, "meta": tags}
    return [span(3000, 0, "function pair", begin=BEGIN + 1, took=500.0, **named)]


@pytest.fixture(scope="module")
def every() -> list[Searchable]:
    vocabulary = Vocabulary()
    return [vocabulary.add(trace) for trace in traces([good(), bad(), by_hand()])]


def found(every: list[Searchable], query: str) -> dict[int, list[str]]:
    """The keys of the matching spans, by the lower half of the trace's ID."""
    search = Search(query)
    matches = {one.id % 2**64: search.find(one) for one in every}
    return {number: one.keys for number, one in matches.items() if one is not None}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3]),
        ("ZREVRANGE", [1]),
        ("zrevRANGE", [1]),
        ("SELECT donut", [1]),
        ("select beer", [1, 2]),
        ("glaze", [2]),
        ("glaze_it", [2]),  # in the stack
        ('"glaze left"', [2]),
        ('"left glaze"', []),
        # A number isn't a part of another number, nor of a word.
        ("500", [2]),
        ("status:500", [2]),
        ("50", []),
        ("5000", [1, 2]),
        ("11", [3]),
        ("118", [2]),
        ("18", []),
        ("250", []),
        ("404", []),
        ("6379", [1]),
        ("77", []),  # only in the runtime-id
        ("step-8", [1, 2]),
        ("127.0.0.1:5001", [1, 2]),
        ("http://127.0.0.1:5000/pair/beer?name=porter", [1]),
        # Keys
        ("beer:porter", [1]),
        ("@beer:PORTER", [1]),
        ("beer:port", []),
        ("beer:port*", [1]),
        ("beer:*ort*", [1]),
        ("beer:*", [1, 2]),
        ("-beer:*", [3]),
        ("service:redis", [1]),
        ("service:timing.log", [3]),
        ("-service:timing.log", [1, 2]),
        ("NOT service:timing.log", [1, 2]),
        ("resource:pair", []),
        ('resource:"GET /pair/beer"', [1, 2]),
        ("resource_name:GET*beer", [1, 2]),
        ('resource:"SELECT donut.name FROM donut"', [1]),
        ("operation:redis.command", [1]),
        ("operation_name:redis.command", [1]),
        ("name:redis.command", [1]),
        ("type:sql", [1]),
        ("version:step-8", [1, 2]),
        ("http.status_code:5*", [2]),
        ("@http.status_code:>=500", [2]),
        ("status:[200 TO 299]", [1]),
        ("@http.status_code:[* TO 299]", [1]),
        ("rows:<5", [1]),
        ("rows:>3", []),
        ("rows:>=3", [1]),
        ("beer:>5", []),
        ("status:error", [2]),
        ("error:true", [2]),
        ("error:*", [2]),
        ("status:ok", [1, 3]),
        ("-status:error", [1, 3]),
        ("error:false", [1, 3]),
        ("error:ValueError", [2]),
        ('error:"no glaze"', [2]),
        ("ValueError: No glaze left", [2]),
        ("localhost:5000", []),
        ("req:11", [3]),
        ("nothing:here", []),
        # Durations: of the trace, or of the span that another term names
        (">200ms", [1, 3]),
        ("> 200ms", [1, 3]),
        ("duration:>0.2s", [1, 3]),
        ("@duration:>200000us", [1, 3]),
        ("<1s", [1, 2, 3]),
        ("<100ms", [2]),
        ("duration:[100ms TO 300ms]", [1]),
        ("service:taster >40ms", [1, 2]),
        ("service:taster >60ms", []),
        ("service:redis >200ms", []),
        ("service:redis service:taster >40ms", [1]),
        ("service:taster status:error", []),
        ("operation:__main__.pair status:error", [2]),
        ("service:(taster OR redis) >40ms", [1, 2]),
        ("service:(taster OR redis) >60ms", []),
        ("service:(sqlite OR redis) >10ms", []),
        ("(service:taster OR service:redis) >40ms", [1, 2]),
        ("(service:sqlite OR service:redis) >10ms", []),
        ("service:taster (>60ms OR status:error)", []),
        ("service:taster (>40ms OR status:error)", [1, 2]),
        ("service:taster (>40ms)", [1, 2]),
        ("(service:taster) (>60ms)", []),
        ("(service:sqlite OR resource:ZREVRANGE) >10ms", []),
        ("(service:sqlite OR beer:ipa) >10ms", [2]),  # the whole trace of an IPA takes 60 ms
        ("(service:sqlite OR beer:porter) >100ms", [1]),
        ("service:sqlite (beer:porter OR >10ms)", [1]),
        ("-(service:sqlite >10ms) -service:timing.log", [1, 2]),
        ("-(service:(taster OR sqlite) >40ms)", [3]),
        ("service:taster (service:redis >40ms)", []),
        ("service:redis (service:taster >40ms)", [1]),
        ("(service:taster >40ms OR service:redis) status:error", []),
        ("service:redis <1ms", [1]),  # although the trace takes longer
        ("service:taster error:ValueError", []),
        ("operation:__main__.pair error:ValueError", [2]),
        # Terms may match different spans.
        ("service:redis beer:porter", [1]),
        ("service:redis service:taster", [1]),
        ("service:redis OR status:error", [1, 2]),
        ("(service:redis OR status:error) AND ipa", [2]),
        ("service:(redis OR timing.log)", [1, 3]),
        ("pair -(redis OR ipa)", [3]),
        # IDs
        (key(1), [1]),
        (key(1).upper(), [1]),
        (f"trace_id:{key(2)}", [2]),
        (f"trace_id:0x{key(2)}", [2]),
        (f"trace_id:{int(key(2), 16)}", [2]),
        ("trace_id:2", [2]),
        ("trace_id:0000000000000002", [2]),
        (f"span_id:{REDIS}", [1]),
        (f"span_id:{REDIS:016x}", [1]),
        (str(REDIS), [1]),
        (f"-span_id:{REDIS}", [2, 3]),
        # Nothing special
        ("a->b", []),
        ("<b>", []),
        ("beer:<b>bold</b>", []),
        ("count(*)", []),
        (r"ZREV\*", []),
        ("ZREV*ANGE", [1]),
        ("ZREVRANGE*porter", []),  # not across tags
    ],
)
def test_a_query_finds_traces(every: list[Searchable], query: str, numbers: list[int]) -> None:
    assert list(found(every, query)) == numbers


def test_an_error_that_the_code_handled_is_no_failure_of_the_request() -> None:
    spans = bad()
    spans[0] |= {"error": 0}
    handled = [Vocabulary().add(trace) for trace in traces([spans])]
    for query, is_found in (
        ("status:error", False),
        ("error:true", False),
        ("-status:error", True),
        ("status:ok", True),
        ("error:false", True),
        ("error:ValueError", True),
        ("operation:__main__.pair status:error", True),
        ("operation:__main__.pair status:ok", False),
        ("(operation:__main__.pair OR service:nobody) status:error", True),
    ):
        assert bool(found(handled, query)) == is_found, query


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("ZREVRANGE", [str(REDIS)]),
        ("service:redis ZREVRANGE", [str(REDIS)]),  # all terms, in one span
        ("service:redis beer:porter", ["1000", str(REDIS)]),  # or else any
        ("pair -sqlite -taster", ["1000", "1002"]),
        ("service:redis OR sqlite", ["1003", str(REDIS), "1901"]),
        ("service:taster", ["1011", "1013", "1015", "1017"]),
        ("redis <1ms", [str(REDIS)]),
        (f"span_id:{REDIS}", [str(REDIS)]),
        ("none", []),
        ("", []),
    ],
)
def test_which_spans_of_a_trace_match(every: list[Searchable], query: str, keys: list[str]) -> None:
    assert Search(query).inside(every[0]).keys == keys


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (">200", "`>200` needs a duration with a unit"),
        ("duration:>200", "`duration:>200` needs a duration with a unit"),
        ("duration:200ms", "Write `duration:>200ms`"),
        ("duration:[1ms TO 2]", "needs a duration with a unit"),
        (">", "Write a duration after `>`"),
        ("rows:>many", "`rows:>many` needs a number"),
        ("rows:>3ms", "`rows:>3ms` needs a number"),
        ("status:[400 TO", "Write a range as in `status:[400 TO 499]`"),
        ("service:", "Write a value after `service:`"),
        ("@beer: ipa", "Write a value after `@beer:`"),
        ('resource:"GET', '`resource:"GET` has no closing quotation mark'),
        ('""', '`""` stands for anything'),
        ("*", "`*` stands for anything"),
        ("-", "right after `-`"),
        ("redis OR", "on each side of `OR`"),
        ("OR redis", "on each side of `OR`"),
        ("redis AND", "on each side of `AND`"),
        ("(redis", "A `(` isn't closed"),
        ("redis)", "A `)` closes nothing"),
        ("()", "between `(` and `)`"),
        ("span_id:zzz", "`span_id:zzz` isn't a whole ID"),
        ("(" * 20 + "a" + ")" * 20, "Nest at most"),
        ("a " * 60, "at most 50 terms"),
        ("a" * (LONGEST + 1), "at most 1,000 characters"),
    ],
)
def test_a_query_that_cannot_be_read_is_explained(query: str, said: str) -> None:
    with pytest.raises(UnreadableQueryError) as error:
        parse(query)
    assert said in str(error.value)
    assert str(error.value).endswith(".")


@settings(deadline=None)
@given(st.text(st.sampled_from('ab15 :"()<>=*-\\@[].\u00dfOR\n'), max_size=30))
def test_any_text_is_read_or_explained(text: str) -> None:
    try:
        search = Search(text)
    except UnreadableQueryError:
        return
    searchable = Vocabulary().add(traces([bad()])[0])
    search.find(searchable)
    search.inside(searchable)


@settings(deadline=None)
@given(st.text("ab", max_size=8), st.lists(st.text("ab", max_size=2), min_size=1, max_size=4))
def test_a_pattern_is_a_whole_text(text: str, pieces: list[str]) -> None:
    expected = re.fullmatch(".*".join(pieces), text) is not None
    assert Pattern(tuple(pieces)).is_all_of(text) == expected


def test_no_trace_is_too_odd_to_be_searched() -> None:
    vocabulary = Vocabulary()
    for name, spans in shapes().items():
        for trace in traces([spans]):
            searchable = vocabulary.add(trace)
            keys = [one.key for one in trace.spans()]
            assert Search("-xyzzy").inside(searchable).keys == keys, name
            for query in (">1s", "<b>", "error:x", "status:500", "alert*", "service:*"):
                Search(query).find(searchable)


def test_what_the_removed_traces_said_is_forgotten() -> None:
    vocabulary = Vocabulary()
    first, second, third = (vocabulary.add(traces([one()])[0]) for one in (good, bad, by_hand))
    size = vocabulary.size
    again = vocabulary.add(traces([good()])[0])
    assert vocabulary.size - size == again.size  # it says nothing new
    assert len(again.kinds) < len(again.at)
    vocabulary.remove(again)
    assert vocabulary.size == size
    vocabulary.remove(first)
    assert not any(tag.value == "ZREVRANGE" for tag in vocabulary.tags())
    vocabulary.remove(second)
    vocabulary.remove(third)
    assert vocabulary.size == 0
    assert vocabulary.tags() == []


def test_a_huge_trace_is_searched_without_some_of_its_tags(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workshop.traces.searchable.MOST_BYTES", 50_000)
    spans = [span(n, 0, "work", meta={"mine": f"{n}-" + "x" * 1000}) for n in range(1, 201)]
    vocabulary = Vocabulary()
    searchable = vocabulary.add(traces([spans])[0])
    assert vocabulary.size < 80_000
    assert len(Search("operation:work").inside(searchable).numbers) == 200
    assert 0 < len(Search("mine:*").inside(searchable).numbers) < 200


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("resource:pair", "`resource:*pair*`"),
        ('resource:"GET /pair"', "`resource:*GET*/pair*`"),
        ("@beer:port", "`@beer:*port*`"),
        ("bear:ipa", "No span has the key `bear`."),
        ("@bear:ipa", "No span has the key `bear`."),
        ("xyzzy", ""),
        ("beer:porter service:nobody", "No span has exactly `service:nobody`"),
    ],
)
def test_a_hint_says_why_nothing_matches(query: str, hint: str) -> None:
    vocabulary = Vocabulary()
    vocabulary.add(traces([good()])[0])
    said = Search(query).hint(vocabulary.tags())
    assert hint in said
    assert bool(hint) == bool(said)


# What is offered


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    found = Vocabulary()
    for trace in traces([good(), bad(), by_hand()]):
        found.add(trace)
    return found


@pytest.mark.parametrize(
    ("typed", "replaced", "expected", "unexpected"),
    [
        ("", "", ["service:", "resource:", "@beer:"], ["beer:"]),
        ("serv", "serv", ["service:"], ["resource:"]),
        ("GET serv", "serv", ["service:"], []),
        ("x -(serv", "serv", ["service:"], []),
        ("-servi", "-servi", ["-service:"], ["service:"]),
        ("service:", "service:", ["service:redis", "service:timing.log"], []),
        ("service:t", "service:t", ["service:taster"], ["service:redis"]),
        ("-service:ti", "-service:ti", ["-service:timing.log"], []),
        ("resource:", "resource:", ['resource:"GET /taste"', "resource:ZREVRANGE"], []),
        ('resource:"GET /p', 'resource:"GET /p', ['resource:"GET /pair/beer"'], []),
        ("zrev", "zrev", ["resource:ZREVRANGE"], []),
        ("@be", "@be", ["@beer:"], []),
        ("beer:", "beer:", ["beer:ipa", "beer:porter"], []),
        ("status:", "status:", ["status:error", "status:ok", "status:200", "status:500"], []),
        ("error:V", "error:V", ["error:ValueError"], []),
        ("duration:", "duration:", ["duration:>100ms"], []),
        ("service:redis", "service:redis", [], ["service:redis"]),
        ('"GET /p', '"GET /p', [], ["resource:"]),
        ("runtime", "runtime", ["@runtime-id:"], []),
    ],
)
def test_keys_and_values_that_occur_are_offered(
    vocabulary: Vocabulary, typed: str, replaced: str, expected: list[str], unexpected: list[str]
) -> None:
    answer = offers(vocabulary.tags(), typed)
    texts = [offer.text for offer in answer.offers]
    assert answer.replaced == replaced
    assert [text for text in expected if text not in texts] == []
    assert not set(unexpected) & set(texts)
    assert len(texts) == len(set(texts)) <= 12


SECRETS = {
    "api_key": "open sesame",
    "user.password": "hunter2",
    "http.request.headers.authorization": "Basic abc",
    "db.url": "postgresql://ada:lovelace@localhost/donuts",
    "note": "0123456789abcdef0123456789abcdef",
    "other": "x" * 5 + "9A8b7C6d5E4f3G2h1I0j",
    "cookie": "id=5",
}


def test_no_secret_is_offered() -> None:
    vocabulary = Vocabulary()
    one = span(1, 0, "work", meta={**SECRETS, "beer": "ipa"})
    vocabulary.add(traces([[one]])[0])
    said = {
        offer.text
        for name, value in SECRETS.items()
        for typed in ("", name, f"{name}:", f"{name}:{value[:3]}", value[:4], value.split(":")[0])
        for offer in offers(vocabulary.tags(), typed).offers
    }
    assert not [text for text in said for value in SECRETS.values() if value in text]
    assert "@beer:" in said
    assert not is_secret("http.url", "http://127.0.0.1:5001/taste?beer=ipa&donut=glazed")
    assert not is_secret("resource", "SELECT beer.name FROM beer")


def test_a_tag_is_judged_once_and_all_are_ordered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: Counter[tuple[str, str]] = Counter()

    def is_no_secret(key: str, value: str) -> bool:
        judged[key, value] += 1
        return value == "hidden"

    monkeypatch.setattr("workshop.traces.secret.is_secret", is_no_secret)
    vocabulary = Vocabulary()
    vocabulary.add(traces([[span(1, 0, "work", meta={"beer": "ipa", "mine": "hidden"})]])[0])
    texts = {one.text for _ in range(3) for one in offers(vocabulary.tags(), "ip").offers}
    assert "@beer:ipa" in texts
    assert not any("hidden" in text for text in texts)
    assert set(judged.values()) == {1}
    first = vocabulary.tags()
    assert vocabulary.tags() is first
    more = vocabulary.add(traces([[span(1, 0, "work", meta={"beer": "stout"})]])[0])
    assert "stout" in {tag.value for tag in vocabulary.tags()}
    vocabulary.remove(more)
    assert "stout" not in {tag.value for tag in vocabulary.tags()}


def test_an_offer_finds_what_it_offers(every: list[Searchable], vocabulary: Vocabulary) -> None:
    for tag in vocabulary.tags():
        for offer in offers(vocabulary.tags(), f"{tag.key}:").offers:
            if not offer.text.startswith(("duration:", "error:")):
                assert found(every, offer.text), offer.text


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20).filter(str.strip))
def test_a_quoted_value_means_itself(value: str) -> None:
    one = span(1, 0, "work", meta={"mine": value})
    searchable = Vocabulary().add(traces([[one]])[0])
    said = next(tag.value for tag in searchable.kinds[0].tags if tag.key == "mine")
    if len(quoted(said)) < LONGEST // 2:
        assert Search(f"@mine:{quoted(said)}").find(searchable) is not None
