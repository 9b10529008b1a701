"""Where run packs are written and read: folders, confined to roots where a caller names them."""
