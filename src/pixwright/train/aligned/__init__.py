"""The aligned encoder's training: what there is of pictures, sounds and music with words (`rows`), as frozen networks see it, once (`latents`), the heads and
their loss (`heads`, `objective`), and the tasks that the loop trains (`tasks`). `concepts` says which nouns are never trained."""
