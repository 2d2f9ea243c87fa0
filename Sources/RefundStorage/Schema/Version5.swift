extension Schema {
    static let version5: [String] = []
}
