extension Schema {
    static let version6: [String] = []
}
