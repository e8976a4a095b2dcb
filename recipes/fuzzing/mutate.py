"""Inputs that are nearly right: bytes and texts with a few changes, or two of them crossed."""

from __future__ import annotations

import random

ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\xff\xd9",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
)
ODD_TEXTS = (
    "", " ", "\x00", "\x1b[2J", "\u202e", "\ufeff", "\ud800", "\U0001f600", "٣", "½", "１２", "'", '"', "[1]", "[99]", "[image:x]", "#", "#ff0000", "%", "1e400", "-1",
    "0", "99999999999999999999", "1/0", "NaN", "null", "{}", "[]", "[[", "{", "}", "\\", "\n", "\r\n", "\u2028", "and", "but", "except", "the", "of the", "it", "not",
    "without", "keep", "both sides", "4k", "3x3", "0x0", "16:9", "by", "percent", "degrees", "times", "e\u0301" * 30, "a" * 300,
)  # fmt: skip


def changed(data: bytes, rng: random.Random, other: bytes = b"") -> bytes:
    """`data` with one to six changes; `other` may give a piece."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(7):
            case 0 if out:
                out[at % len(out)] ^= 1 << rng.randrange(8)
            case 1 if out:
                out[at % len(out)] = rng.randrange(256)
            case 2:
                out[at:at] = rng.choice(ODD_BYTES)
            case 3:
                del out[at : at + rng.choice((1, 2, 4, 16, 256))]
            case 4:
                end = min(len(out), at + rng.choice((1, 4, 64, 512)))
                out[at:at] = out[at:end]
            case 5 if other:
                start = rng.randrange(len(other))
                out[at : at + rng.choice((0, 4, 64))] = other[start : start + rng.choice((4, 64, 1024))]
            case _:
                odd = rng.choice(ODD_BYTES)
                out[at : at + len(odd)] = odd
    return bytes(out[:2_000_000])


def reworded(text: str, rng: random.Random, other: str = "") -> str:
    """`text` with one to four words left out, doubled, exchanged or odd; `other` may give some."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(words) + 1)
        match rng.randrange(7):
            case 0 if len(words) > 1:
                del words[at % len(words)]
            case 1:
                words[at:at] = [rng.choice(ODD_TEXTS)]
            case 2 if words:
                words.insert(at, rng.choice(words))
            case 3 if other:
                words[at:at] = rng.sample(other.split(" "), min(3, len(other.split(" "))))
            case 4 if len(words) > 1:
                one, two = rng.randrange(len(words)), rng.randrange(len(words))
                words[one], words[two] = words[two], words[one]
            case 5 if words:
                word = words[at % len(words)]
                cut = rng.randrange(len(word) + 1)
                words[at % len(words)] = word[:cut] + rng.choice((*ODD_TEXTS, word[cut:][::-1])) + word[cut:]
            case _:
                words[at:at] = [str(rng.choice((rng.randint(-10, 500), rng.random() * 10**9, 10 ** rng.randrange(20))))]
    return " ".join(words)[:5000]
