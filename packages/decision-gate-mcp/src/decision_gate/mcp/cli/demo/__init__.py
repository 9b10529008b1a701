"""The demonstration: a release that is held, mended, passed and proved, over reports as real tools write them."""
