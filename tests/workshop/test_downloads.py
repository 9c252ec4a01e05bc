"""A trace in the formats of other tools, held against their specifications."""

import base64
import copy
import json
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from workshop.console.download import own_texts
from workshop.console.store import Store
from workshop.traces.jaeger import jaeger
from workshop.traces.otlp import otlp
from workshop.traces.tree import Trace, traces

from tests.odd_traces import NOW, root, shapes, span
from tests.workshop.console.spans import UPPER, key, pairing

SHAPES = shapes()
JAEGER_TYPES = {"string": str, "bool": bool, "int64": int, "float64": float}


def parsed(document: Any) -> ExportTraceServiceRequest:
    """OTLP JSON as the protocol's own messages.

    Protobuf's JSON has bytes in base64 where OTLP's has hexadecimal digits.
    """
    document = copy.deepcopy(document)
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for one in scope["spans"]:
                for holder in (one, *one.get("links", ())):
                    for name in ("traceId", "spanId", "parentSpanId"):
                        if name in holder:
                            assert holder[name] == holder[name].lower()
                            as_bytes = bytes.fromhex(holder[name])
                            assert len(as_bytes) == (16 if name == "traceId" else 8)
                            holder[name] = base64.b64encode(as_bytes).decode()
                assert isinstance(one["kind"], int)
                assert isinstance(one["startTimeUnixNano"], str)
    found: ExportTraceServiceRequest = json_format.Parse(
        json.dumps(document), ExportTraceServiceRequest()
    )
    return found


def rich() -> Trace:
    """A trace with everything that the formats tell apart."""
    upper = {"_dd.p.tid": UPPER, "span.kind": "server", "version": "step-8", "env": "x-ada"}
    far = {"trace_id": 7, "trace_id_high": 9, "span_id": 5}
    return traces(
        [
            [
                root(meta=upper, metrics={"process_id": 42, "_sampling_priority_v1": 1}),
                span(2, 1, "requests.request", type="http", service="requests", begin=1.5)
                | {"metrics": {"beer.count": 3, "ratio": 0.25, "odd": float("nan")}},
                span(3, 2, "taste", service="taster", type="web", took=0.001, span_links=[far]),
                span(2**64 - 1, 3, "failing", service="taster", error=1)
                | {"meta": {"error.type": "builtins.ValueError", "error.message": "No glaze"}},
                span(4, 77, "orphan", service="taster", meta={"span.kind": "consumer"}),
            ]
        ]
    )[0]


def test_otlp_has_what_the_trace_has() -> None:
    request = parsed(otlp(rich()))
    by_service = {
        str(resource.resource.attributes[0].value.string_value): resource
        for resource in request.resource_spans
    }
    assert list(by_service) == ["shop", "requests", "taster"]
    process = {one.key: one.value for one in by_service["shop"].resource.attributes}
    assert process["service.version"].string_value == "step-8"
    assert process["deployment.environment.name"].string_value == "x-ada"
    assert process["process.pid"].int_value == 42
    spans = {
        one.name: one
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for one in scope.spans
    }
    assert {one.trace_id.hex() for one in spans.values()} == {f"{UPPER}{1:016x}"}
    assert [(name, one.kind) for name, one in spans.items()] == [
        ("http.request", 2),
        ("requests.request", 3),
        ("taste", 2),
        ("failing", 1),
        ("orphan", 5),
    ]
    assert spans["failing"].span_id == b"\xff" * 8
    assert int.from_bytes(spans["failing"].parent_span_id, "big") == 3
    assert spans["http.request"].parent_span_id == b""
    assert int.from_bytes(spans["orphan"].parent_span_id, "big") == 77
    assert spans["requests.request"].start_time_unix_nano == NOW + 1_500_000
    took = spans["taste"].end_time_unix_nano - spans["taste"].start_time_unix_nano
    assert took == 1000
    assert (spans["failing"].status.code, spans["failing"].status.message) == (
        2,
        "ValueError: No glaze",
    )
    assert spans["taste"].status.code == 0
    tags = {one.key: one.value for one in spans["requests.request"].attributes}
    assert tags["beer.count"].WhichOneof("value") == "int_value"
    assert tags["ratio"].double_value == 0.25
    assert tags["odd"].string_value == "nan"
    assert tags["span.type"].string_value == "http"
    assert tags["resource.name"].string_value == "requests.request"
    (link,) = spans["taste"].links
    assert (link.trace_id.hex(), link.span_id.hex()) == (f"{9:016x}{7:016x}", f"{5:016x}")


def test_jaeger_has_what_the_trace_has() -> None:
    (data,) = jaeger(rich())["data"]
    spans = {one["operationName"]: one for one in data["spans"]}
    assert data["traceID"] == f"{UPPER}{1:016x}"
    assert {one["serviceName"] for one in data["processes"].values()} == {
        "shop",
        "requests",
        "taster",
    }
    assert data["processes"][spans["failing"]["processID"]]["serviceName"] == "taster"
    assert spans["requests.request"]["startTime"] == (NOW + 1_500_000) // 1000
    assert spans["requests.request"]["duration"] == 10_000  # in microseconds
    assert spans["taste"]["duration"] in (1, 2)
    assert spans["failing"]["references"] == [
        {"refType": "CHILD_OF", "traceID": data["traceID"], "spanID": f"{3:016x}"}
    ]
    assert spans["http.request"]["references"] == []
    assert spans["taste"]["references"][1] == {
        "refType": "FOLLOWS_FROM",
        "traceID": f"{9:016x}{7:016x}",
        "spanID": f"{5:016x}",
    }
    tags = {one["key"]: one for one in spans["requests.request"]["tags"]}
    assert tags["beer.count"] == {"key": "beer.count", "type": "int64", "value": 3}
    assert tags["ratio"]["type"] == "float64"
    assert tags["span.kind"]["value"] == "client"
    assert {"key": "error", "type": "bool", "value": True} in spans["failing"]["tags"]


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_came_in_is_valid_elsewhere(shape: str) -> None:
    for trace in traces([SHAPES[shape]]):
        expected = len(trace.spans())
        request = parsed(otlp(trace))
        in_otlp = [
            one
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]
        assert len(in_otlp) == expected
        assert all(one.end_time_unix_nano >= one.start_time_unix_nano for one in in_otlp)
        document = jaeger(trace)
        assert json.loads(json.dumps(document, allow_nan=False)) == document
        (data,) = document["data"]
        assert len(data["spans"]) == expected
        above = {
            one["spanID"]: one["references"][0]["spanID"]
            for one in reversed(data["spans"])
            if one["references"]
        }
        for one in data["spans"]:
            assert one["processID"] in data["processes"]
            assert one["duration"] >= 0
            for tag in one["tags"]:
                assert type(tag["value"]) is JAEGER_TYPES[tag["type"]]
        if shape not in ("twins", "root-twice", "id-zero"):  # there, an ID doesn't say which span
            for first in above:
                way = [first]
                while way[-1] in above:
                    way.append(above[way[-1]])
                    assert len(way) <= len(above) + 1, "it goes in a circle"


@pytest.mark.parametrize(
    "links",
    [
        "text",
        [None, 5, {}, {"trace_id": "x", "span_id": 1}, {"trace_id": 1, "span_id": [2]}],
        [{"trace_id": 2**200, "span_id": -1, "trace_id_high": "abc"}],
        {"a": 1},
    ],
)
def test_odd_links_are_left_out_or_cut_to_size(links: Any) -> None:
    (trace,) = traces([[root(span_links=links)], [root(meta={"_dd.span_links": str(links)})]])
    parsed(otlp(trace))
    jaeger(trace)


@pytest.mark.parametrize("kind", [[], {}, ["web"], 5, True, None, "x\x1by"])
def test_a_type_that_is_no_text_is_no_obstacle(kind: Any) -> None:
    (trace,) = traces([[root(type=kind)]])
    parsed(otlp(trace))
    assert len(jaeger(trace)["data"][0]["spans"]) == 1


def test_links_in_a_tag_are_found() -> None:
    told = json.dumps([{"trace_id": f"{9:016x}{7:016x}", "span_id": f"{5:016x}"}])
    (trace,) = traces([[root(meta={"_dd.span_links": told})]])
    (scope,) = parsed(otlp(trace)).resource_spans[0].scope_spans
    assert scope.spans[0].links[0].trace_id.hex() == f"{9:016x}{7:016x}"


def test_the_store_gives_back_what_came_in() -> None:
    store = Store()
    raws = pairing(1)
    store.add([raws])
    trace = store.get(key(1))
    assert trace
    assert [json.loads(text) for text in own_texts(trace, store.texts(trace.hex_id))] == raws


def test_of_traces_that_share_half_an_id_each_has_its_own_spans() -> None:
    store = Store()
    store.add([SHAPES["halves"]])
    number = SHAPES["halves"][0]["trace_id"]
    names = {}
    for upper in ("6b0526c100000000", "6b0526c200000000"):
        trace = store.get(f"{upper}{number:016x}")
        assert trace
        names[upper] = {
            json.loads(text)["name"] for text in own_texts(trace, store.texts(trace.hex_id))
        }
    assert names["6b0526c200000000"] == {"other", "theirs"}
    assert names["6b0526c100000000"] == {"http.request", "mine", "a", "b"}
