"""`python -m service` is the console script `recension`."""

from service.cli import main

if __name__ == "__main__":
    main(prog_name="recension")
