"""A file a family of routes, each an `APIRouter` called `router`: the native ones (`pictures`, `regions`, `jobs`, `results`, `about`), and other people's protocols."""
