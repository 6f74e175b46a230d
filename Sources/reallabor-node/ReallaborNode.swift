import ArgumentParser

@main
struct ReallaborNode: ParsableCommand {}
