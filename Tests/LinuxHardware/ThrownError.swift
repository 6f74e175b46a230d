import Testing

/// The error of type `E` that `body` throws; anything else is an issue. (`#expect(throws:)` returns it only since
/// Swift 6.1.)
func thrown<E: Error, Value>(
    _ type: E.Type = E.self, location: SourceLocation = #_sourceLocation, by body: () throws -> Value
) -> E? {
    do {
        let value = try body()
        Issue.record("no error, but \(value)", sourceLocation: location)
    } catch let error as E {
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: location)
    }
    return nil
}
