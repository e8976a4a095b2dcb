"""pixwright: edit a picture by instruction, and say what changed.

The product is one sentence, in `pixwright.flow`: instruction + picture -> parse -> ground -> edit -> judge -> result.
Importing this package loads nothing heavy; import the room that you need.
"""

__version__ = "0.1.0"
