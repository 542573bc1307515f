"""The sample desk: what a newcomer sees first. Made and kept alive by the same commands as a real one."""
