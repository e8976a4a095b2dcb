"""Training of the multi-modal language model: `scenes` makes edited pictures with what they refer to, `rows` says them in words, `task` learns them.

`vectors` asks the aligned encoder about every picture and sound, once; `states` keeps what the frozen layers say of every text, once.
"""
