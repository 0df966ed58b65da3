/** The life of a payment: what may follow each state, who may cause it, and when. The picture in the docs is drawn from it. */
export declare const paymentStates: {
    readonly held: {
        readonly by: {
            readonly accepted: 'officer';
            readonly refused: 'officer';
            readonly expired: 'clock';
        };
        readonly says: 'compliance asks for a review';
    };
    readonly accepted: {
        readonly by: {
            readonly submitted: 'dispatcher';
            readonly cancelled: 'caller';
            readonly refused: 'dispatcher';
            readonly failed: 'dispatcher';
            readonly attention: 'dispatcher';
        };
        readonly says: 'the promise is made: it will settle once, or you will be told why not';
    };
    readonly submitted: {
        readonly by: {
            readonly settled: 'chain';
            readonly failed: 'provider';
            readonly attention: 'tracker';
        };
        readonly says: 'it is with the wallet provider';
    };
    readonly settled: {
        readonly by: {
            readonly attention: 'chain';
        };
        readonly says: 'the chain shows the transfer; access is granted';
    };
    readonly failed: {
        readonly by: {
            readonly attention: 'chain';
        };
        readonly says: 'nothing was paid; the reason is with it';
    };
    readonly attention: {
        readonly by: {
            readonly settled: 'chain';
            readonly failed: 'provider';
        };
        readonly says: 'the outcome is not known yet; an operator was alerted and the service keeps looking';
    };
    readonly cancelled: {
        readonly by: {};
        readonly says: 'taken back by the caller before it was submitted';
    };
    readonly refused: {
        readonly by: {};
        readonly says: 'compliance refused it before it was submitted';
    };
    readonly expired: {
        readonly by: {};
        readonly says: 'nobody reviewed it in time';
    };
};
