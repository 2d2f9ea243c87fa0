import RefundDomain
import Testing

@testable import RefundGateways

/// Amounts as Stripe counts them.
@Suite struct StripeAmounts {
    @Test(
        arguments: [
            ("USD", 10_99, 1099), ("EUR", 1, 1), ("JPY", 500, 500), ("KRW", 1_000, 1_000), ("XAF", 7, 7),
            ("ISK", 5, 500), ("UGX", 1_000, 100_000), ("MGA", 5_00, 5), ("KWD", 5_120, 5_120), ("BHD", 10, 10),
            ("TND", 1_000, 1_000), ("HUF", 10_45, 1045), ("TWD", 800_45, 80_045), ("CLP", 12, 12), ("INR", 1_00, 100),
        ] as [(String, Int64, Int64)])
    func `An amount goes as a number and comes back the same`(code: String, minorUnits: Int64, number: Int64) throws {
        let money = Money(minorUnits: minorUnits, currency: try #require(Currency(code)))
        #expect(StripeAmount.number(for: money) == number)
        #expect(StripeAmount.money(number, currency: code.lowercased()) == money)
    }

    @Test(
        arguments: [
            ("KWD", 5_124), ("OMR", 1), ("MGA", 5_01), ("IQD", 1_000), ("LYD", 1_000), ("ISK", .max), ("UGX", .max),
        ] as [(String, Int64)])
    func `What Stripe cannot take is not sent`(code: String, minorUnits: Int64) throws {
        let money = Money(minorUnits: minorUnits, currency: try #require(Currency(code)))
        #expect(StripeAmount.number(for: money) == nil)
    }

    @Test(
        arguments: [("isk", 550), ("ugx", 1), ("mga", .max), ("iqd", 1_000), ("xyz", 100), ("", 1)] as [(String, Int64)]
    )
    func `What we cannot express is not believed`(code: String, number: Int64) {
        #expect(StripeAmount.money(number, currency: code) == nil)
    }

    @Test func `A charge of thousandths that end in another digit than zero is read as it is`() throws {
        let money = Money(minorUnits: 5_124, currency: try #require(Currency("KWD")))
        #expect(StripeAmount.money(5_124, currency: "kwd") == money)
    }

    @Test func `Every currency but two goes and comes back`() {
        let untold = Currency.all.filter { currency in
            let money = Money(minorUnits: 1_000, currency: currency)
            return StripeAmount.number(for: money).flatMap { StripeAmount.money($0, currency: currency.code) } != money
        }
        #expect(untold.map(\.code) == ["IQD", "LYD"])
    }
}

/// Stripe's words in ours.
@Suite struct StripeWords {
    @Test(
        arguments: [
            ("succeeded", nil, .succeeded), ("pending", nil, .pending), ("requires_action", nil, .pending),
            ("canceled", "merchant_request", .canceled), (nil, nil, .pending), ("thoughtful", nil, .pending),
            ("failed", nil, .failed(.unknown)), ("failed", "declined", .failed(.unknown)),
            ("failed", "something_new", .failed(.unknown)),
            ("failed", "lost_or_stolen_card", .failed(.lostOrStolenCard)),
            ("failed", "expired_or_canceled_card", .failed(.expiredOrCanceledCard)),
            ("failed", "charge_for_pending_refund_disputed", .failed(.chargeForPendingRefundDisputed)),
            ("failed", "insufficient_funds", .failed(.insufficientFunds)),
            ("failed", "merchant_request", .failed(.merchantRequest)),
        ] as [(String?, String?, GatewayReport.State)])
    func `A status is a state`(status: String?, reason: String?, state: GatewayReport.State) {
        #expect(StripeVocabulary.state(status: status, failureReason: reason) == state)
    }

    /// How an error is told, without its words.
    private func ending(
        _ status: Int, type: String? = nil, code: String? = nil
    ) -> GatewayEnding {
        let fault = type.map {
            StripeFault(type: $0, code: code, declineCode: nil, param: nil, message: nil)
        }
        return GatewayEnding(StripeVocabulary.error(status: status, fault: fault))
    }

    @Test(
        arguments: [
            (400, "invalid_request_error", "parameter_missing", .refused),
            (400, "invalid_request_error", nil, .refused),
            (402, "card_error", "card_declined", .refused),
            (400, "idempotency_error", nil, .refused),
            (400, "idempotency_error", "idempotency_key_in_use", .ambiguous),
            (409, "idempotency_error", "idempotency_key_in_use", .ambiguous),
            (409, "invalid_request_error", nil, .ambiguous),
            (409, nil, nil, .ambiguous),
            (404, "invalid_request_error", "resource_missing", .notSent),
            (400, "invalid_request_error", "livemode_mismatch", .notSent),
            (429, "invalid_request_error", "rate_limit", .busy),
            (429, "invalid_request_error", "lock_timeout", .busy),
            (400, "invalid_request_error", "lock_timeout", .notSent),
            (429, nil, nil, .busy),
            (400, "invalid_request_error", "rate_limit", .busy),
            (401, "invalid_request_error", nil, .notSent),
            (403, "invalid_request_error", nil, .notSent),
            (403, nil, nil, .misunderstood),
            (400, "api_error", nil, .ambiguous),
            (400, "thoughtful_error", nil, .misunderstood),
            (400, nil, nil, .misunderstood), (404, nil, nil, .misunderstood),
            (500, "api_error", nil, .ambiguous), (502, nil, nil, .ambiguous), (503, nil, nil, .ambiguous),
            (424, "api_error", nil, .ambiguous), (408, nil, nil, .ambiguous),
            (301, nil, nil, .misunderstood), (418, "invalid_request_error", nil, .misunderstood),
        ] as [(Int, String?, String?, GatewayEnding)])
    func `An error is as certain as it is and no more`(status: Int, type: String?, code: String?, told: GatewayEnding) {
        #expect(ending(status, type: type, code: code) == told)
    }

    @Test(
        arguments: [
            ("charge_already_refunded", .paymentAlreadyRefunded), ("charge_disputed", .paymentAlreadyDisputed),
            ("refund_disputed_payment", .paymentAlreadyDisputed), ("amount_too_large", .exceedsPaymentAmount),
            ("amount_too_small", .amountTooSmall), ("balance_insufficient", .exceedsBalanceAmount),
            ("insufficient_funds", .insufficientFunds), ("expired_card", .expiredOrCanceledCard),
            ("payment_intent_unexpected_state", .paymentNotCaptured), ("charge_not_refundable", .unknown),
        ] as [(String, FailureReason)])
    func `A refusal has a reason`(code: String, reason: FailureReason) {
        let fault = StripeFault(
            type: "invalid_request_error", code: code, declineCode: nil, param: nil, message: "Because.")
        #expect(
            StripeVocabulary.error(status: 400, fault: fault) == .refused(reason, code: code, message: "Because."))
    }

    @Test func `More than is left is told by the parameter where there is no code`() {
        let fault = StripeFault(
            type: "invalid_request_error", code: nil, declineCode: nil, param: "amount",
            message: "Refund amount ($25.00) is greater than unrefunded amount on charge ($21.45)")
        let error = StripeVocabulary.error(status: 400, fault: fault)
        #expect(
            error
                == .refused(.exceedsPaymentAmount, code: "invalid_request_error", message: fault.message ?? ""))
    }

    @Test(
        arguments: [
            ("lost_card", .lostOrStolenCard), ("stolen_card", .lostOrStolenCard),
            ("insufficient_funds", .insufficientFunds), ("do_not_honor", .unknown),
        ] as [(String, FailureReason)])
    func `A bank's word is a reason`(decline: String, reason: FailureReason) {
        let fault = StripeFault(
            type: "card_error", code: "card_declined", declineCode: decline, param: nil, message: nil)
        #expect(
            StripeVocabulary.error(status: 402, fault: fault) == .refused(reason, code: "card_declined", message: ""))
    }
}

/// What may be configured.
@Suite struct StripeConfigs {
    @Test(
        arguments: [
            ("sk_test_1", StripeConfig.Mode.test, "https://api.stripe.com", 50, nil),
            ("rk_live_1", .live, "https://api.stripe.com", 100, nil),
            ("sk_test_1", .test, "http://127.0.0.1:8420", 1, nil),
            ("sk_live_1", .test, "https://api.stripe.com", 50, .keyOfAnotherMode),
            ("pk_test_1", .test, "https://api.stripe.com", 50, .keyOfAnotherMode),
            ("sk_test_1", .test, "http://api.stripe.com", 50, .addressNotSafe),
            ("sk_test_1", .test, "http://127.0.0.1:8420@api.stripe.com", 50, .addressNotSafe),
            ("sk_test_1", .test, "https://api.stripe.com/", 50, .addressNotSafe),
            ("sk_test_1", .test, "https://api.stripe.com", 0, .shareOutOfRange),
        ] as [(String, StripeConfig.Mode, String, Int, StripeConfigError?)])
    func `A configuration fits together or is not made`(
        key: String, mode: StripeConfig.Mode, address: String, share: Int, problem: StripeConfigError?
    ) {
        do throws(StripeConfigError) {
            _ = try StripeConfig(secretKey: Secret(key), mode: mode, address: address, sharePercent: share)
            #expect(problem == nil)
        } catch {
            #expect(error == problem)
        }
    }

    @Test(arguments: ["", "whsec_", "sk_test_1", " whsec_1"])
    func `A secret of notices that is none is not taken`(secret: String) {
        #expect(throws: StripeConfigError.noticeSecretMalformed(1)) {
            try StripeConfig(
                secretKey: Secret("sk_test_1"), mode: .test, noticeSecrets: [Secret("whsec_1"), Secret(secret)])
        }
    }
}
