"""Picture + thing -> `Region`. No state between calls: what the networks see of a picture is a `Scene`, a value that is passed.

Start at `grounder.ground`. `scene` holds the looks; `things`, `people`, `parts` and `stuff` find candidates with a noun; `outline` draws each one's edge by the
segmenter; `choose` takes those that the words mean; `rim` brings the edge to full size. `user` reads what people point at, `inventory` lists what is seen unasked.
"""

from pixwright.ground.fitted.clicked import look_ahead
from pixwright.ground.grounder import ground, ground_other, ground_step
from pixwright.ground.inventory import Seen, everything
from pixwright.ground.scene import Scene, see
from pixwright.ground.stuff import everybody
from pixwright.ground.user import from_box, from_mask, from_points, from_scribble

__all__ = [
    "Scene",
    "Seen",
    "everybody",
    "everything",
    "from_box",
    "from_mask",
    "from_points",
    "from_scribble",
    "ground",
    "ground_other",
    "ground_step",
    "look_ahead",
    "see",
]
