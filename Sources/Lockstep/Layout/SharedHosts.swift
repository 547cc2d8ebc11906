extension [View.Member] {
    /// For people: which replicas are lost together, since they are on one host.
    var sharedHosts: [String] {
        let hosts = Dictionary(grouping: self) { $0.labels.host ?? $0.name }
        return hosts.filter { $1.count > 1 }.sorted { $0.key < $1.key }.map { host, members in
            "\(members.map(\.name).joined(separator: ", ")) are on the host \(host) together, and are lost with it"
        }
    }
}
