"""The pluggable seams of the server: their contracts, each with the safe local default beside it."""
