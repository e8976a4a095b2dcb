"""Sources -> shards of samples: the data sets that everything here is trained and judged on.

Start at `run/engine` (a recipe becomes a folder) and `contract` (scenes, renderings, pairs). `source/` lists ingredients, `scene/` composes and renders them,
`pairs/` makes an edit of a scene and `photo/` of a photograph, `wording/` says it, `measure/` measures and selects, `sets/` are the data sets by name,
`music/` composes what scenes are heard with.
"""
