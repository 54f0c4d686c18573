"""The rules of the core, one a file.  Each checks one kind of step; none constructs a sequent."""
