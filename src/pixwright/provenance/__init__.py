"""Where a picture comes from, said in the file: content credentials, and an invisible mark in what a network painted.

Start at `marking` (what a result bears when it is written). `credentials` signs and reads over the library c2pa, `certificate` says who signs, `carried` finds what a
file bears already, `watermark` is the mark, `terms` are IPTC's words for where pixels come from, `check` looks for all of it.
"""

from __future__ import annotations
