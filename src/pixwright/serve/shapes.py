"""The JSON of the native routes: what they take and what they answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from pixwright.flow import LAST_SEED
from pixwright.records.plan import MAX_INSTRUCTION

Id = Annotated[str, Field(pattern=r"^[a-z]{3}_[A-Za-z0-9_-]{1,64}$")]
"""`pic_...`, `reg_...`, `job_...`, `res_...`, `ses_...`, `ver_...`."""
Pixel = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Status = Literal["queued", "running", "completed", "failed", "cancelled"]
Kind = Literal["same", "png", "jpeg", "webp", "tiff", "bmp", "gif"]
MOST_ATTACHED, MOST_POINTS, MOST_CONTROLS = 16, 200, 100


class Strict(BaseModel):
    """A request's body: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OfPicture(Strict):
    """Exactly one of a picture that was posted and a version of a session."""

    picture: Id | None = None
    version: Id | None = None


class RegionAsked(OfPicture):
    """Exactly one of phrase, points, box and mask; coordinates in pixels of the full upright picture."""

    phrase: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    points: Annotated[list[tuple[Pixel, Pixel, bool]], Field(min_length=1, max_length=MOST_POINTS)] | None = None
    """(x, y, whether it is on the thing)."""
    box: tuple[Pixel, Pixel, Pixel, Pixel] | None = None
    mask: Id | None = None


class PlanAsked(OfPicture):
    """A picture helps where the words depend on what it shows; `pointed`: the edit will have a region, which is what "it" and "this" mean."""

    pointed: bool = False
    instruction: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCTION)]
    attachments: Annotated[list[Id], Field(max_length=MOST_ATTACHED)] = []


class JobAsked(OfPicture):
    """One edit, or `n` of it with seeds from `seed` on."""

    instruction: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCTION)]
    attachments: Annotated[list[Id], Field(max_length=MOST_ATTACHED)] = []
    region: Id | None = None
    """Which thing is meant; it sets no limit."""
    mask: Id | None = None
    """A posted picture: white, or transparent, is where to edit; nothing else changes."""
    markup: Id | None = None
    """A posted transparent drawing of the picture's size: a ring round the thing that is meant, an arrow to it, strokes over it. It sets no limit."""
    protect: Id | None = None
    """A posted picture: white is what shall stay."""
    n: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0, le=LAST_SEED)] = 0
    system: Annotated[str, Field(max_length=100)] | None = None
    options: Annotated[dict[str, str], Field(max_length=MOST_CONTROLS)] = {}
    controls: Annotated[dict[str, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=MOST_CONTROLS)] = {}
    format: Kind = "same"
    session: Id | None = None


Share: TypeAlias = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
SCENE_VIEWS = 12
"""Views that an edit of a scene looks at, evenly around it."""


class FilmAsked(Strict):
    """One edit of a whole video or of a scene of Gaussians."""

    instruction: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCTION)]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Of a video: when the frame is shown that is edited as a picture, before the others are made like it; null: it is chosen."""
    point: tuple[Share, Share] | None = None
    """Of a scene: where in its view `view` the thing is that is meant, in shares of the view's width and height."""
    view: Annotated[int, Field(ge=1, le=SCENE_VIEWS)] = 1
    seed: Annotated[int, Field(ge=0, le=LAST_SEED)] = 0
    system: Annotated[str, Field(max_length=100)] | None = None
    options: Annotated[dict[str, str], Field(max_length=MOST_CONTROLS)] = {}
    controls: Annotated[dict[str, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=MOST_CONTROLS)] = {}


class FrameAsked(Strict):
    """Which frame: the one that is shown at `seconds` from the beginning."""

    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class PictureOut(BaseModel):
    """What was posted. `seconds` of a sound or a video, the sides of a picture or a video, `gaussians` of a scene; null for the others."""

    id: str
    kind: Literal["picture", "sound", "video", "scene"]
    format: str
    bytes: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    frames: int | None = None
    """Of a video; null where its file does not say."""
    gaussians: int | None = None
    transparent: bool | None = None
    """Whether some of it is wholly transparent."""


class RegionOut(BaseModel):
    """Where something is. `share` of the picture's pixels; `guess`: nothing is known by that name, and what stands out was taken."""

    id: str
    box: tuple[int, int, int, int]
    share: float
    score: float
    guess: bool
    note: str
    mask: str


class PlanOut(BaseModel):
    """What the words mean: a line a step, and the whole plan."""

    lines: list[str]
    notes: list[str]
    plan: dict[str, Any]


class ProgressOut(BaseModel):
    """The step that is worked on, from 1, and its stage (ground, edit, judge), with `done` of `of` parts of a long one; `candidate` of `candidates`; `elapsed` seconds since the job's start.

    Of a video the steps are frames; `rate` of them are done in a second, and the rest may take `left` seconds (0: not known yet).
    """

    step: int
    steps: int
    what: str
    stage: str
    candidate: int
    candidates: int
    elapsed: float
    done: int = 0
    of: int = 0
    rate: float = 0.0
    left: float = 0.0


class ErrorOut(BaseModel):
    """Why something was refused or failed."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(BaseModel):
    """The body of every answer from 400 on."""

    error: ErrorOut


class JobOut(BaseModel):
    """A job's record. Times are seconds since 1970. `queue_position`: how many jobs are before it; null once it runs."""

    id: str
    kind: Literal["edit", "video", "scene"]
    status: Status
    created: float
    started: float | None
    completed: float | None
    tries: int
    queue_position: int | None
    progress: ProgressOut | None
    understood: list[str]
    instruction: str
    result: dict[str, Any] | None
    error: ErrorOut | None
