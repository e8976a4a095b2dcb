"""The parts of an edit that a pulled network can take over, one contract each; one file a network, in the layout of its published export (ONNX, no torch).

Start at `contract` (what each part answers) and `table` (`Parts`: which pulled network has which part, and what happens when one fails). `account` is what an edit is
told of them.
"""
