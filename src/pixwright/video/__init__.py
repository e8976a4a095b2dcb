"""Videos, edited by one plan: the words are read once, a key frame is edited as a picture, and what was done there is done in every frame.

Start at `run` (a job from file to file) and `shot` (one shot: its key frame, its tracks, its frames). `footage` reads and `samples` turns a decoder's planes into pixels and
back; `codecs`, `segments` and `joining` write. `following` follows things and `spool` keeps where they are, `codef/` carries a shot over from fitted canonical pictures instead.
`carriers` says how a step is carried: `looks` by parameters, `plates` by what other frames show, `layers` by motion. `account` is the report, `sheet` shows frames side by side.
"""

from pixwright.video.account import FrameAccount, VideoReport
from pixwright.video.run import VideoDone, VideoJob, edit_video

__all__ = ["FrameAccount", "VideoDone", "VideoJob", "VideoReport", "edit_video"]
