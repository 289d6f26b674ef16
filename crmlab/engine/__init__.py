"""When one process is not enough: a Spark of your own on this computer, started and cleared away for you."""

from crmlab.engine.spark import spark_session

__all__ = ["spark_session"]
