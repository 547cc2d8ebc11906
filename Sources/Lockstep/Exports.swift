// A program that declares a `distributed actor` needs the language's module as well; one import is enough.
@_exported import Distributed
