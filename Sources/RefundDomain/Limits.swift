/// Every bound of the product, in one place: nothing loops, waits, queues or grows without one of these.
package enum Limits {
    // Amounts.
    /// Digits before the point of an amount that a caller writes.
    package static let amountWholeDigitsMax = 15
    /// Digits behind the point of an amount that a caller writes; no active currency has more.
    package static let amountFractionDigitsMax = 3
    /// Minor units of an amount that a gateway tells: what a caller may write in a currency of three decimals, so that
    /// sums of what is told and what is here stay far from overflow.
    package static let gatewayAmounts: ClosedRange<Int64> = 1...999_999_999_999_999_999
    /// Minor units up to which facts are added to what is taken or claimed of a payment or lacks on a note: sums of two
    /// such figures and an amount fit into 64 bits.
    package static let figureMax: Int64 = 4_000_000_000_000_000_000
    /// Digits behind the point of an exchange rate.
    package static let rateFractionDigitsMax = 12

    // Texts, in Unicode code points.
    package static let idempotencyKeyLengthMax = 255
    package static let descriptionLengthMax = 500
    package static let referenceLengthMax = 100
    package static let nameLengthMax = 200
    package static let gatewayNameLengthMax = 40
    /// Characters of a setting of an account; bytes of a reference that a gateway tells.
    package static let gatewaySettingLengthMax = 1_000
    package static let externalIDLengthMax = 64
    /// What a dialect keeps with a refund for itself, as text.
    package static let annotationsLengthMax = 65_536

    // Documents.
    /// The greatest number that a refund or a note may come in with; counters go on behind it.
    package static let documentNumberMax: Int64 = 1_000_000_000_000_000
    /// Entries that a request may name of one credit note.
    package static let requestedLinesMax = 1_000
    /// Payments that may stand behind one credit note.
    package static let backingPaymentsMax = 100
    /// Items and tax items that one refund may touch.
    package static let drawnLinesMax = 15_000

    /// Days that a token may live, at most a hundred years.
    package static let tokenDaysMax = 36_500
    /// Days after which a payment can no longer be refunded, at most a hundred years.
    package static let refundWindowDaysMax = 36_500
    /// Seconds after which an equal request without a key is no repetition any more, at most a day.
    package static let duplicateWindowSecondsMax = 86_400

    // Requests.
    /// Bytes of a request body, as sent and also after inflating.
    package static let bodyBytesMax = 1 << 20
    /// Pairs of a query or a form.
    package static let formPairsMax = 100
    /// How deep a JSON text may nest.
    package static let jsonDepthMax = 32
    /// Rows of a page.
    package static let pageRowsMax = 200
    /// Rows that a numbered page may skip.
    package static let pageOffsetMax = 100_000
    /// Rows that a listing looks at one by one, for a filter that the store does not know.
    package static let sievedRowsMax = 20_000
    /// Rows that are read at a time for it.
    package static let sievedRowsBatch = 500
    /// Things that are wrong with one request, as far as they are gathered and told.
    package static let inputProblemsMax = 100
    /// Calls of one organization that a node has in flight, where a dialect bounds them and no setting says otherwise.
    package static let tenantCallsInFlightMax = 200
    /// How long a call that only reads may take, where a dialect says so.
    package static let readDeadline = Duration.seconds(120)
    /// How long the body of a request may take to arrive.
    package static let bodyDeadline = Duration.seconds(30)
    /// How long a connection may be idle.
    package static let connectionIdleMax = Duration.seconds(60)
    package static let connectionsMax = 4_096
    /// How long what is under way may take to end once the program is told to stop.
    package static let shutdownMax = Duration.seconds(25)

    // The life of a refund.
    /// How long a caller waits for the outcome before it is answered with the state reached.
    package static let outcomeWait = Duration.seconds(5)
    /// How long a gateway may take to answer one call.
    package static let gatewayTimeout = Duration.seconds(20)
    /// How long it may take to reach a gateway, before anything is sent.
    package static let gatewayConnectTimeout = Duration.seconds(5)
    /// How long a call that changes something waits for its turn where a gateway's limit of calls is reached.
    package static let turnWaitMax = Duration.seconds(5)
    /// How long a question waits for its turn: shorter, so that many of them hold up no refund.
    package static let turnWaitOfQuestionMax = Duration.seconds(1)
    /// How often an import asks a gateway for the same where turns are long in coming, a second apart.
    package static let busyTriesOfImportMax = 120
    /// How much of its time a line of turns that was idle gives away at once.
    package static let gatewayBurst = Duration.milliseconds(250)
    /// How long a gateway that asks for patience is left alone at the longest.
    package static let gatewayPauseMax = Duration.seconds(60)
    /// Connections to one gateway that a node has open.
    package static let gatewayConnectionsMax = 64
    /// Bytes of a gateway's answer.
    package static let gatewayReplyBytesMax = 4 << 20
    /// Pages of a gateway's list that are looked through for one refund.
    package static let gatewayPagesMax = 20
    /// Characters that are kept of what a gateway says in its own words.
    package static let gatewayTextLengthMax = 300
    /// How long a node owns an attempt: longer than the gateway's timeout, so that it is never judged while under way.
    package static let attemptLease = Duration.seconds(60)
    /// How far a node's clock may be from the database's: half a lease, so that no lease is judged while its call may
    /// be under way.
    package static let clockDifferenceMax = Duration.seconds(30)
    /// How often the two are compared.
    package static let clockComparisonPause = Duration.seconds(60)
    /// Calls to gateways that one node has under way.
    package static let gatewayCallsInFlightMax = 2_000
    /// How long a refund is tried to be sent whose every call surely did nothing (no connection, no key, refused
    /// credentials): a gateway's outage or an exchanged key over a long weekend must not fail what was promised.
    package static let unsentTimeMax = Duration.seconds(3 * 86_400)
    /// How long a refund waits that is not sent because a dispute claims its money, before it is looked at again.
    package static let disputedRefundPause = Duration.seconds(3_600)
    /// How long a call that was one too many waits before it is made again, at the longest.
    package static let busyDelayMax = Duration.seconds(60)
    /// How long the outcome of a refund may be unknown before an operator is told: the first status checks are over.
    package static let unknownToldAfter = Duration.seconds(3_600)
    /// How long before the last refund in a restored database charges may have been taken whose refunds are looked for:
    /// as long as most gateways give back a charge.
    package static let resumedChargesAge = Duration.seconds(180 * 86_400)
    /// How long a refund may be pending before an operator may end it: the gateway has been asked daily by then.
    package static let pendingStuckAfter = Duration.seconds(86_400)
    /// How often a gateway's word is decided on, where others move what it is about meanwhile.
    package static let decisionsRepeatedMax = 20
    /// How long the worker of notices rests where none is due.
    package static let noticePollPause = Duration.seconds(1)
    /// How far the clock of a gateway that signs a notice may be from ours: then it is taken for a repetition.
    package static let noticeAgeMax = Duration.seconds(300)
    /// Due rows that a worker reads at a time.
    package static let workerBatch = 100
    /// How long a stored answer is replayed byte for byte.
    package static let replayLifetime = Duration.seconds(24 * 3600)

    // Identifiers.
    /// The stretch of time for which a process takes the number that its identifiers carry; it is renewed half-way.
    package static let nodeLease = Duration.seconds(10)

    // Memory.
    /// How long what was looked up of organizations and tokens is believed.
    package static let directoryLifetime = Duration.seconds(10)
    package static let rememberedTokensMax = 10_000

    // The write path.
    /// Units that share one transaction.
    package static let groupUnitsMax = 256
    /// Units that wait for the writer; the next is told to come again.
    package static let queuedUnitsMax = 20_000
    /// Statements that are sent to PostgreSQL before their answers are waited for.
    package static let pipelinedStatementsMax = 2_000
    /// Connections to PostgreSQL that write, a thread each; units of one place share one.
    package static let writingConnections = 2
    /// Connections to PostgreSQL that read, a thread each.
    package static let readingConnections = 4
    /// Pauses between attempts to reach the database, from the first to the longest.
    package static let reconnectPauseMin = Duration.milliseconds(50)
    package static let reconnectPauseMax = Duration.seconds(2)
    /// How long it may take to find out whether an unanswered COMMIT took effect.
    package static let commitQuestionMax = Duration.seconds(10)
    /// Rows that are read and written at a time where a whole database is moved.
    package static let movedRowsBatch = 250
    /// Batches that are read ahead of the one that is being written.
    package static let movedBatchesAhead = 2
    /// How often a unit is run again after a conflict that the database asks to repeat.
    package static let unitRetriesMax = 5
}
