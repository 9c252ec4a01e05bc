"""The site of `docs/`: what is generated is put beside what is written, and all of it is built."""
