// swift-tools-version: 6.2
import PackageDescription

/// One set of compiler settings for every target: what is allowed in one room is allowed in all.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "refundry",
    products: [.executable(name: "refundry", targets: ["refundry"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "RefundDomain", swiftSettings: settings),
        .target(
            name: "RefundStorage",
            dependencies: [
                "CPostgres", "RefundDomain",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ], swiftSettings: settings),
        .target(
            name: "RefundGateways",
            dependencies: [
                "RefundDomain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], exclude: ["Simulator/README.md", "Stripe/README.md"], swiftSettings: settings),
        .target(
            name: "RefundService",
            dependencies: [
                "RefundDomain", "RefundStorage",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ], swiftSettings: settings),
        .target(
            name: "RefundHTTP",
            dependencies: [
                "CZlib", "RefundDomain", "RefundService",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: [
                "Native/README.md", "ZohoAccounts/README.md", "ZohoBilling/README.md", "ZohoBooks/README.md",
                "ZohoPayments/README.md", "Zuora/README.md",
            ], swiftSettings: settings),
        .target(
            name: "RefundTesting",
            dependencies: ["RefundDomain", "RefundStorage", "RefundService"],
            swiftSettings: settings),
        .executableTarget(
            name: "refundry",
            dependencies: [
                "RefundDomain", "RefundStorage", "RefundGateways", "RefundService", "RefundHTTP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], resources: [.embedInCode("Demo/documented-records.json")], swiftSettings: settings),
        .target(
            name: "GatewayStandIns",
            dependencies: [
                "RefundDomain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/GatewayStandIns", swiftSettings: settings),
        .testTarget(name: "RefundDomainTests", dependencies: ["RefundDomain"], swiftSettings: settings),
        .testTarget(
            name: "RefundTestingTests", dependencies: ["RefundDomain", "RefundTesting"], swiftSettings: settings),
        .testTarget(
            name: "RefundStorageTests",
            dependencies: [
                "RefundDomain", "RefundStorage", "RefundTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "RefundGatewaysTests",
            dependencies: [
                "GatewayStandIns", "RefundDomain", "RefundGateways", "RefundTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "RefundServiceTests",
            dependencies: [
                "GatewayStandIns", "RefundDomain", "RefundStorage", "RefundGateways", "RefundService", "RefundTesting",
            ], swiftSettings: settings),
        .testTarget(
            name: "RefundHTTPTests",
            dependencies: [
                "RefundDomain", "RefundStorage", "RefundGateways", "RefundService", "RefundHTTP", "RefundTesting",
                "refundry",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "GatewayStandIns", "RefundDomain", "RefundGateways", "RefundStorage", "RefundTesting", "refundry",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(name: "HouseTests", swiftSettings: settings),
    ]
)
