"""People compare, blind: `study` makes, serves and counts one; `design` is who sees what, `store` the one file, `server` the local page."""
