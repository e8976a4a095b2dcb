"""Videos and scenes behind HTTP: `moving` is what the server's processes do with them."""
