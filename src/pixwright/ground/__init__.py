"""Picture and phrase to `Region`. No state between calls: what was computed about a picture is a `Scene`, a value that is passed."""

from pixwright.ground.grounder import ground, ground_step
from pixwright.ground.scene import Scene, look
from pixwright.ground.user import from_box, from_mask, from_point

__all__ = ["Scene", "from_box", "from_mask", "from_point", "ground", "ground_step", "look"]
