"""Where runs, scenario definitions and data shapes are kept; one engine a package."""
