"""The outline of the thing in a box: a small decoder that reads what the picture encoder sees in a crop about it.

It was trained on layered pictures whose outlines are exact, and on outlines that people drew (`train/boxed`, `recipes/train/boxed.py`), and has no names: what hangs together, ends where
a surface ends, and fills the box. Start at `outliner`; `frames` says what it is shown.
"""
