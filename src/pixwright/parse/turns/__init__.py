"""Words that refer to what was said before: "undo the last one", "a bit more", "the other one", "do the same to the cat".

Start at `reading.read_turn` (words + what went before -> moves); `moves` says what a move is, `forms` holds the patterns, `edits` makes the steps of the last turn anew,
`reference` gives "it" and "one" their nouns.
"""
