"""PrintLab: from a student's model file to the paid-for object in their hand."""

__version__ = "0.1.0"
