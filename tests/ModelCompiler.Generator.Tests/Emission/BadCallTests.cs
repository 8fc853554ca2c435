using ModelCompiler.Manifests;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Whatever a caller gets wrong: a typed exception that names the tensor, what was expected and what came; and the predictor goes on.</summary>
public sealed class BadCallTests : IDisposable
{
    private static readonly ManifestValue[] Inputs =
    [
        Tensor("a", "N", 2), Tensor("b", ManifestElementType.Int64, "N"), Tensor("s", ManifestElementType.String, 2),
        Tensor("u") with { Shape = null }, Tensor("q", 2) with { Kind = ManifestValueKind.Sequence },
    ];

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Each_is_named()
    {
        var outputs = Inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();

        string said = GeneratedProgram.Run(_workspace, Of("echo", Inputs, outputs), GeneratedProgram.Identities(Inputs), Calls);

        Assert.Equal(Answers, said);
    }

    [Fact]
    public void A_request_serves_one_thread_at_a_time()
    {
        var loop = Of("echo", [Tensor("trips", ManifestElementType.Int64), Tensor("x", 1)], [Tensor("y", 1)]);
        string[] said = GeneratedProgram.Run(_workspace, loop, TestModels.Loop(), """
            {
                using var stop = new System.Threading.CancellationTokenSource();
                var request = p.CreateRequest();
                request.Trips = long.MaxValue;
                var endless = Task.Run(() =>
                {
                    // Refused as long as the other thread is in.
                    while (true)
                    {
                        try { request.Run(stop.Token); return; } catch (OverlappingRunException) { }
                    }
                });
                // Given up at once unless the other one runs already.
                string Try(Action call) { try { call(); return "ran"; } catch (Exception e) { return e.GetType().Name + ": " + e.Message.Replace(Environment.NewLine, " "); } }
                string refused;
                while ((refused = Try(() => request.Run(new System.Threading.CancellationToken(true)))).StartsWith("Operation")) { }
                request.Dispose();
                string disposed = Try(() => request.Run());
                bool isRunning = !endless.IsCompleted;
                stop.Cancel();
                return string.Join("\n", refused, disposed, isRunning, Try(() => endless.GetAwaiter().GetResult()).Split(':')[0], p.Predict(3, new float[1]).Y.Span[0]);
            }
            """).Split('\n');

        Assert.Equal(
            [
                "OverlappingRunException: EchoRequest is in the middle of a run, and serves one thread at a time. Wait for the run, or make another one for each thread.",
                "ObjectDisposedException: Cannot access a disposed object. Object name: 'EchoRequest'.", "True", "OperationCanceledException", "3",
            ],
            said);
    }

    private const string Calls = """
        {
            EchoInput Good() => new EchoInput
            {
                A = new float[2], B = new long[1], S = new[] { "x", "y" }, U = new float[1], UShape = new long[] { 1 }, Q = new[] { new PredictionTensor<float>(new float[2], new long[] { 2 }) }, N = 1,
            };
            var request = p.CreateRequest(1);
            var double2 = TensorBuffer.Create(new long[] { 1, 2 }, new double[2]);
            var float2 = TensorBuffer.Create(new long[] { 1, 2 }, new float[2]);
            (string Name, Action Call)[] calls =
            [
                ("length", () => p.Predict(Good() with { A = new float[3] })),
                ("size", () => p.Predict(Good() with { N = 2 })),
                ("size of another input", () => p.Predict(Good() with { A = new float[4], N = 2 })),
                ("negative size", () => p.Predict(Good() with { N = -1 })),
                ("huge size", () => p.Predict(Good() with { N = int.MaxValue })),
                ("shape of another length", () => p.Predict(Good() with { UShape = new long[] { 3, 1 } })),
                ("shape that overflows", () => p.Predict(Good() with { UShape = new long[] { long.MaxValue, long.MaxValue } })),
                ("number of strings", () => p.Predict(Good() with { S = new[] { "x" } })),
                ("null string", () => p.Predict(Good() with { S = new[] { "x", null! } })),
                ("null sequence", () => p.Predict(Good() with { Q = null! })),
                ("null in a sequence", () => p.Predict(Good() with { Q = new PredictionTensor<float>[] { null! } })),
                ("null batch", () => p.Predict(Good() with { A = default })),
                ("nothing at all", () => p.Predict(default(EchoInput))),
                ("huge request", () => p.CreateRequest(int.MaxValue)),
                ("negative request", () => p.CreateRequest(-1)),
                ("input of a request not set", () => request.Run()),
                ("type", () => p.Session.RunValues([("a", double2)])),
                ("rank", () => p.Session.RunValues([("a", TensorBuffer.Create(new long[] { 2 }, new float[2]))])),
                ("dimension", () => p.Session.RunValues([("a", TensorBuffer.Create(new long[] { 1, 3 }, new float[3]))])),
                ("name", () => p.Session.RunValues([("z", float2)])),
                ("twice", () => p.Session.RunValues([("a", float2), ("a", float2)])),
                ("missing", () => p.Session.RunValues([("a", float2)])),
                ("name of an output", () => p.Session.Run([("a", float2)], ["y"])),
                ("disposed request", () => { request.Dispose(); request.Run(); }),
                ("inputs of a disposed request", () => request.A.Clear()),
                ("and it goes on", () => p.Predict(Good())),
                ("disposed predictor", () => { p.Dispose(); p.Predict(Good()); }),
            ];
            string Outcome(Action call)
            {
                try
                {
                    call();
                    return "answered";
                }
                catch (Exception e)
                {
                    return e.GetType().Name + ": " + e.Message.Replace(Environment.NewLine, " ");
                }
            }

            return string.Join("\n", calls.Select(call => call.Name + " > " + Outcome(call.Call)));
        }
        """;

    private const string Answers = """
        length > TensorMismatchException: Input 'a': expected float32[N, 2], got 3 elements for the shape [1, 2].
        size > TensorMismatchException: Input 'a': expected float32[N, 2], got 2 elements for the shape [2, 2].
        size of another input > TensorMismatchException: Input 'b': expected int64[N], got 1 elements for the shape [2].
        negative size > TensorMismatchException: Input 'a': expected float32[N, 2], got the shape [-1, 2].
        huge size > TensorMismatchException: Input 'a': expected float32[N, 2], got 2 elements for the shape [2147483647, 2].
        shape of another length > TensorMismatchException: Input 'u': expected float32[...], got 1 elements for the shape [3, 1].
        shape that overflows > TensorMismatchException: Input 'u': expected float32[...], got 1 elements for the shape [9223372036854775807, 9223372036854775807].
        number of strings > TensorMismatchException: Input 's': expected string[2], got 1 elements, not 2.
        null string > TensorMismatchException: Input 's': expected string[2], got a string that is null.
        null sequence > TensorMismatchException: Input 'q': expected sequence(float32[2]), got nothing.
        null in a sequence > TensorMismatchException: Input 'q': expected sequence(float32[2]), got null among its items.
        null batch > TensorMismatchException: Input 'a': expected float32[N, 2], got 0 elements for the shape [1, 2].
        nothing at all > TensorMismatchException: Input 's': expected string[2], got 0 elements, not 2.
        huge request > TensorMismatchException: Input 'a': expected float32[N, 2], got the shape [2147483647, 2], which is more than fits into memory.
        negative request > TensorMismatchException: Input 'a': expected float32[N, 2], got float32[-1, 2].
        input of a request not set > TensorMismatchException: Input 's': expected string[2], got nothing.
        type > TensorMismatchException: Input 'a': expected float32[N, 2], got float64[1, 2].
        rank > TensorMismatchException: Input 'a': expected float32[N, 2], got float32[2].
        dimension > TensorMismatchException: Input 'a': expected float32[N, 2], got float32[1, 3].
        name > TensorMismatchException: Input 'z': expected one of 'a', 'b', 's', 'u', 'q', got a name that the model does not have.
        twice > TensorMismatchException: Input 'a': expected one value, got a second one.
        missing > TensorMismatchException: Input 'b': expected int64[N], got nothing.
        name of an output > TensorMismatchException: Output 'y': expected one of 'a_out', 'b_out', 's_out', 'u_out', 'q_out', got a name that the model does not have.
        disposed request > ObjectDisposedException: Cannot access a disposed object. Object name: 'EchoRequest'.
        inputs of a disposed request > ObjectDisposedException: Cannot access a disposed object. Object name: 'EchoRequest'.
        and it goes on > answered
        disposed predictor > ObjectDisposedException: Cannot access a disposed object. Object name: 'My.App.EchoPredictor'.
        """;
}
