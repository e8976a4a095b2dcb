"""The design, the file and the server of a study, without a browser."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_samples import SECRET, SYSTEMS, write_items

from pixwright.errors import InvalidOption, PixwrightError
from pixwright.evaluate.study.design import PROTOCOLS, Protocol, arrangement, assign, make_units
from pixwright.evaluate.study.items import SIDE, plain_png, read_items
from pixwright.evaluate.study.report import as_json, markdown, results
from pixwright.evaluate.study.server import MOST_BYTES, StudyServer
from pixwright.evaluate.study.store import TIE, Study, opened
from pixwright.evaluate.study.study import Options, create_study, question_sets


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(0, 50))
def test_places_are_balanced(seed: int, count: int, block: int) -> None:
    # Over the showings of a unit, and over neighbouring units shown as often, every system stands everywhere once.
    shown = [arrangement(seed, 0, block, count, showing) for showing in range(count)]
    beside = [arrangement(seed, 0, block * count + rank, count, 1) for rank in range(count)]
    for rows in (shown, beside):
        assert all(sorted(column) == list(range(count)) for column in zip(*rows))
        assert all(sorted(row) == list(range(count)) for row in rows)


def test_the_order_is_random_and_the_work_is_spread() -> None:
    showings = np.zeros(100, int)
    orders = []
    for rater in range(1, 6):
        order = assign(7, rater, list(showings), 20, 2)
        assert sorted(index for index in order if index < 0) == [-2, -1]
        assert order[0] >= 0
        orders.append([index for index in order if index >= 0])
        showings[orders[-1]] += 1
    # ReasonPix2Pix: a hundred samples, five people, twenty each.
    assert (showings == 1).all()
    assert orders[0] == [index for index in assign(7, 1, [0] * 100, 20, 2) if index >= 0]
    assert assign(7, 1, [0] * 9, None, 0) != assign(8, 1, [0] * 9, None, 0)
    firsts = Counter(assign(0, rater, [0] * 4, None, 0)[0] for rater in range(400))
    assert all(70 < firsts[index] < 130 for index in range(4))


def test_units_of_the_protocols() -> None:
    assert len(make_units("choice", 10, "abcd", 0)) == 10
    assert len(make_units("likert", 10, "abcd", 0)) == 40
    assert len(make_units("pair", 10, "abcd", 0)) == 60
    against = make_units("pair", 10, "abcd", 0, "c")
    assert len(against) == 30
    assert {unit.systems for unit in against} == {("c", "a"), ("c", "b"), ("c", "d")}
    assert sorted(unit.rank for unit in against if unit.group == 1) == list(range(10))
    with pytest.raises(InvalidOption, match="allowed are choice, pair, likert"):
        make_units("rank", 1, "ab", 0)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="there is only 'a'"):
        make_units("pair", 1, "a", 0)
    with pytest.raises(InvalidOption, match="against 'z'"):
        make_units("pair", 1, "ab", 0, "z")


def make(folder: Path, protocol: Protocol, options: Options = Options(), count: int = 4) -> Path:
    db = folder / "study.sqlite"
    create_study(db, write_items(folder, count, failed=True), protocol, 3, options)
    return db


def rate(study: Study, name: str, judge: Any) -> list[dict[str, Any]]:
    """All the work of one rater; `judge(pictures)` says the answer."""
    rater, states = study.join(name), []
    while (state := study.state(rater))["trial"]:
        states.append(state)
        pictures = [study.file(state["trial"], str(place))[1] for place in range(len(state["pictures"]))]  # type: ignore[index]
        study.answer(rater, state["trial"], {q["key"]: judge(pictures) for q in study.about.questions}, 1500)
    return states


def brightest(pictures: list[bytes]) -> int:
    means = [cv2.imdecode(np.frombuffer(data, np.uint8), 1).mean() for data in pictures]
    return int(np.argmax(means))


def table(tables: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
    return next(one["rows"] for one in tables if one["title"].startswith(title))


def test_choice_counts_what_was_seen_and_not_where(tmp_path: Path) -> None:
    db = make(tmp_path, "choice", Options(checks=1))
    with opened(db) as study:
        for name in ("a", "b", "c"):
            assert len(rate(study, name, brightest)) == 5
    found = json.loads(as_json(results(db)))
    chosen = {row["system"]: row for row in table(found, "Chosen") if row["question"] == "quality"}
    # The last system is the brightest but on the item on which it failed, where its picture is black.
    assert [chosen[name]["chosen"] for name in SYSTEMS] == [0, 3, 9]
    assert chosen["axolotlgan"]["share"] == 0.75
    assert chosen["axolotlgan"]["Wilson"] == pytest.approx((0.4677, 0.9111), abs=1e-3)
    agreed = table(found, "Agreement")[0]
    assert (agreed["alpha"], agreed["same answer"], agreed["shown to several"]) == (1.0, 1.0, 4)
    # Every place was used equally often: three raters, three systems.
    assert [row["chosen"] for row in table(found, "Places")[:3]] == [4, 4, 4]
    assert all(row["median seconds"] == 1.5 for row in table(found, "Raters"))
    text = markdown(results(db))
    assert "| quality | axolotlgan | 9 | 0.750 |" in text


def test_pair_ties_and_strengths(tmp_path: Path) -> None:
    db = make(tmp_path, "pair", Options(questions="instructany2pix", limit=3), count=8)
    with opened(db) as study:
        rate(study, "sees", brightest)
        rate(study, "shrugs", lambda pictures: TIE)
    found = json.loads(as_json(results(db)))
    rows = table(found, "One against one")
    assert [(row["A"], row["B"]) for row in rows] == [
        (a, b) for i, a in enumerate(sorted(SYSTEMS)) for b in sorted(SYSTEMS)[i + 1 :]
    ]
    assert all(row["no difference"] == 3 and row["A better"] + row["B better"] == 3 for row in rows)
    strength = [row["strength"] for row in table(found, "Bradley-Terry")]
    assert strength == sorted(strength, reverse=True)
    assert sum(strength) == pytest.approx(0, abs=1e-6)
    assert table(found, "Agreement")[0]["same answer"] == 0


def test_likert_means_and_failed_checks(tmp_path: Path) -> None:
    db = make(tmp_path, "likert", Options(questions="instructedit", checks=2))
    with opened(db) as study:
        rate(study, "attentive", lambda pictures: 2)
        rate(study, "careless", lambda pictures: 5)
        rater = study.join("attentive")
        first = study.state(rater, 0)
        assert first["answers"] == {"applied": 2}
        study.answer(rater, first["trial"], {"applied": 3}, 10)
    both, kept = (json.loads(as_json(results(db, drop))) for drop in (False, True))
    counted = [row["ratings"] for row in table(both, "Ratings")]
    assert counted == [8, 8, 8]
    assert [row["ratings"] for row in table(kept, "Ratings")] == [4, 4, 4]
    assert sum(row["3"] for row in table(kept, "Ratings")) == 1
    passed = {row["rater"]: row["checks passed"] for row in table(both, "Raters")}
    assert passed == {"attentive": 2, "careless": 0}


def test_of_one_item_no_interval_is_made_up(tmp_path: Path) -> None:
    db = make(tmp_path, "pair", Options(limit=1))
    with opened(db) as study:
        rate(study, "anna", brightest)
    found = json.loads(as_json(results(db)))
    assert {row["bootstrap by item"] for row in table(found, "One against one") + table(found, "Bradley")} == {None}
    assert table(found, "Agreement")[0]["alpha"] is None


def test_nothing_answered_is_said(tmp_path: Path) -> None:
    db = make(tmp_path, "pair")
    with pytest.raises(InvalidOption, match="no answer to count"):
        results(db)
    with pytest.raises(InvalidOption, match="never overwritten"):
        create_study(db, [], "pair")
    with pytest.raises(InvalidOption, match="there is no study"), opened(tmp_path / "none"):
        pass
    other = tmp_path / "other"
    other.write_bytes(b"not a data base" * 100)
    with pytest.raises(InvalidOption, match="is not a study"), opened(other):
        pass


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "see docs/study.md"),
        ('{"id": "a", "instruction": "b", "source": "c"}', "systems"),
        ('{"id": "a", "instruction": "b", "source": "c", "systems": {"x": 3}}', "systems.x"),
        ('{"id": "a", "instruction": "b", "source": "c", "systems": {"x": null}, "extra": 1}', "extra"),
        ("", "there is no item"),
        ('{"id": "a", "instruction": "b", "source": "c", "systems": {"x": null}}\n' * 2, "comes twice"),
    ],
)
def test_wrong_items_are_refused(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(line)
    with pytest.raises(InvalidOption, match=re.escape(said)):
        read_items(path)


def test_a_failed_making_leaves_nothing(tmp_path: Path) -> None:
    items = write_items(tmp_path)
    (tmp_path / SYSTEMS[0] / f"{SECRET}-2.png").write_bytes(b"no picture")
    with pytest.raises(PixwrightError):
        create_study(tmp_path / "s", items, "choice")
    assert not (tmp_path / "s").exists()
    for wrong in (
        Options(questions="none"),
        Options(limit=0),
        Options(per_rater=0),
        Options(checks=-1),
        Options(against="x"),
    ):
        with pytest.raises(InvalidOption):
            create_study(tmp_path / "s", items, "pair", 0, wrong)


def test_large_pictures_are_reduced_and_carry_nothing() -> None:
    data = plain_png(np.zeros((900, 3200, 3), np.uint8))
    assert cv2.imdecode(np.frombuffer(data, np.uint8), 1).shape == (450, SIDE, 3)
    assert re.findall(rb"tEXt|iTXt|eXIf|zTXt|tIME", data) == []


def test_raters_who_join_at_once_share_the_work(tmp_path: Path) -> None:
    db = make(tmp_path, "choice", Options(per_rater=2))

    def join(number: int) -> int:
        with opened(db) as study:
            return study.join(f"r{number}")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(join, range(8))) == list(range(1, 9))
    with sqlite3.connect(db) as base:
        assert base.execute("SELECT unit, COUNT(*) FROM trials GROUP BY unit").fetchall() == [
            (1, 4),
            (2, 4),
            (3, 4),
            (4, 4),
        ]
        assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    base.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StudyServer]:
    with StudyServer(make(tmp_path, "pair", Options(checks=1))) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one
        one.shutdown()


def ask(
    server: StudyServer, method: str, path: str, body: Any = None, **changed: str | None
) -> tuple[int, bytes, dict[str, str]]:
    link = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    headers: dict[str, str | None] = {"X-Study-Token": server.token} if method == "POST" else {}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        link.putrequest(method, path, skip_host="Host" in headers)
        if data is not None and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(data))
        for name, value in headers.items():
            if value is not None:
                link.putheader(name, value)
        link.endheaders(data)
        reply = link.getresponse()
        return reply.status, reply.read(), dict(reply.getheaders())
    finally:
        link.close()


def test_the_whole_conversation_is_blind(server: StudyServer) -> None:
    seen = [ask(server, "GET", path) for path in ("/", "/study.css", "/study.js", "/study.json")]
    state = json.loads(ask(server, "POST", "/look", {"rater": "anna"})[1])
    while state["trial"]:
        names = [state["source"], *state["pictures"]]
        seen += [ask(server, "GET", f"/picture/{name}") for name in names]
        answers = {"consistency": 0, "quality": TIE}
        body = {"rater": "anna", "trial": state["trial"], "answers": answers, "ms": 900}
        seen.append(ask(server, "POST", "/answer", body))
        state = json.loads(seen[-1][1])
    assert state["done"] == state["total"] == 13
    assert {status for status, _, _ in seen} == {200}
    everything = b"\n".join(data + json.dumps(headers).encode() for _, data, headers in seen).lower()
    for word in (*SYSTEMS, SECRET, "check 0", "intact", "scrambl", str(server.db)):
        assert word.lower().encode() not in everything, word
    # Nor can a place in the study's tables be counted back: a picture's address is its trial and its place.
    assert all(re.fullmatch(r"\d+/[01]", name) for name in state["next"] + names[1:])
    with sqlite3.connect(server.db) as base:
        assert base.execute("SELECT COUNT(*) FROM answers").fetchone() == (26,)
        orders = Counter(
            row[0]
            for row in base.execute("SELECT places FROM trials t JOIN units u ON u.id = t.unit WHERE good IS NULL")
        )
    base.close()
    assert orders == {"[0, 1]": 6, "[1, 0]": 6}


PATHS = """/../study.sqlite /study.sqlite /picture/../../etc/passwd /picture/1/s/ /picture/1/2 /picture/1/r0 /picture/0/0 /picture/-1/0
/picture/99999999999/0 /picture/1/%2e%2e //etc/passwd /picture/1/0%00 /study/questions.json /questions.json /picture/%D9%A3/0 /index.html"""


def test_only_known_pictures_are_served(server: StudyServer) -> None:
    ask(server, "POST", "/look", {"rater": "anna"})
    assert ask(server, "GET", "/picture/1/0")[0] == 200
    assert {path: ask(server, "GET", path)[0] for path in PATHS.split()} == dict.fromkeys(PATHS.split(), 404)


def test_posts_are_those_of_the_page(server: StudyServer) -> None:
    good = {"rater": "anna"}
    assert ask(server, "POST", "/look", good)[0] == 200
    host = f"127.0.0.1:{server.server_address[1]}"
    assert ask(server, "POST", "/look", good, Origin=f"http://{host}")[0] == 200
    assert ask(server, "POST", "/look", good, Origin="http://evil.example")[0] == 403
    assert ask(server, "POST", "/look", good, Origin="null")[0] == 403
    assert ask(server, "POST", "/look", good, X_Study_Token=None)[0] == 403
    assert ask(server, "POST", "/look", good, X_Study_Token="x" * 32)[0] == 403
    assert ask(server, "GET", "/study.json", Host="evil.example")[0] == 421
    assert ask(server, "GET", "/study.json", Host="[::1")[0] == 400
    assert ask(server, "POST", "/look", b"x" * (MOST_BYTES + 1))[0] == 413
    assert ask(server, "POST", "/look", None, Content_Length="9" * 30)[0] == 413
    assert ask(server, "POST", "/look", None, Content_Length="-1")[0] == 411
    assert ask(server, "POST", "/look", None, Transfer_Encoding="chunked")[0] == 411
    assert ask(server, "POST", "/none", good)[0] == 404
    for body in (b"", b"[]", b"{", b"\xff", {"rater": 1}, {"rater": "anna", "x": 1}, {"rater": "anna", "position": -1}):
        assert ask(server, "POST", "/look", body)[0] == 400
    for name in ("", "a b", "../x", "<b>", "a" * 41, "-a", "é", "a\n", "'; DROP TABLE answers"):
        assert ask(server, "POST", "/look", {"rater": name})[0] == 400
    assert ask(server, "PUT", "/look", good)[0] == 501
    status, _, headers = ask(server, "GET", "/")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"].strip() == "study"


def test_answers_are_checked(server: StudyServer) -> None:
    anna, ben = (json.loads(ask(server, "POST", "/look", {"rater": name})[1]) for name in ("anna", "ben"))

    def give(trial: int, **answers: Any) -> int:
        return ask(server, "POST", "/answer", {"rater": "anna", "trial": trial, "answers": answers, "ms": 1})[0]

    now, later = anna["trial"], anna["trial"] + 1
    assert give(ben["trial"], consistency=0, quality=0) == 400
    assert give(later, consistency=0, quality=0) == 400
    assert give(now, consistency=0) == 400
    assert give(now, consistency=0, quality=0, more=0) == 400
    assert give(now, consistency=0, quality=2) == 400
    assert give(now, consistency=0, quality=-2) == 400
    assert give(now, consistency=0, quality=True) == 400
    assert give(now, consistency=0, quality=1) == 200
    assert give(now, consistency=1, quality=1) == 200
    with sqlite3.connect(server.db) as base:
        assert base.execute("SELECT question, value FROM answers ORDER BY 1").fetchall() == [
            ("consistency", 1),
            ("quality", 1),
        ]
    base.close()


def test_beyond_this_machine_the_address_has_a_secret(tmp_path: Path) -> None:
    db = make(tmp_path, "choice")
    with StudyServer(db, "0.0.0.0") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.address.endswith(f"/{server.token}/")
        assert len(server.token) >= 32
        assert ask(server, "GET", "/")[0] == 404
        other = "y" if server.token.endswith("x") else "x"
        assert ask(server, "GET", f"/{server.token[:-1]}{other}/")[0] == 404
        assert ask(server, "GET", f"/{server.token}/study.json", Host="phone.example:80")[0] == 200
        port = server.server_address[1]
        with pytest.raises(InvalidOption, match="cannot listen"):
            StudyServer(db, "0.0.0.0", port)
        server.shutdown()
    with StudyServer(db, "0.0.0.0", port) as again:
        assert again.address.endswith(f"/{again.token}/")


def test_every_set_of_questions_has_the_words_of_every_protocol() -> None:
    for questions in question_sets().values():
        assert all(question[protocol].endswith((".", "?")) for question in questions for protocol in PROTOCOLS)
        assert len({question["key"] for question in questions}) == len(questions)


def test_the_handbook_names_every_option_and_question() -> None:
    text = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
    missing = [f.name for f in fields(Options) if f"| `{f.name}` |" not in text]
    missing += [name for name in (*question_sets(), *PROTOCOLS) if f"`{name}`" not in text]
    assert not missing
    line = re.search(r"```json\n(.*?)\n```", text, re.S)
    assert line is not None
    assert set(json.loads(line[1])) == {"id", "source", "instruction", "references", "systems"}
