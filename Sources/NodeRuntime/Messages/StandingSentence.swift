import SensorCore

extension NodeStanding {
    /// For 'systemctl status'.
    var sentence: Sentence {
        switch delivery {
        case .none: "\(count); nothing is published"
        case .connected: "\(count); broker connected, \(waiting)"
        case .disconnected(let reason?): "\(count); broker not connected, \(waiting): \(reason)"
        case .disconnected(nil): "\(count); broker not connected yet, \(waiting)"
        case .several(let connected, let all, nil): "\(count); \(connected) of \(all) destinations connected, \(waiting)"
        case .several(let connected, let all, let reason?):
            "\(count); \(connected) of \(all) destinations connected, \(waiting): \(reason)"
        }
    }

    var line: String { sentence.text(in: .english) }

    private var count: Sentence {
        channels == 1 ? "\(counted) counted on 1 channel" : "\(counted) counted on \(channels) channels"
    }

    private var waiting: Sentence { backlog == 1 ? "1 record waiting" : "\(backlog) records waiting" }
}
