"""From tables of the configuration to opened ports: one seam a file, put together by the host."""
