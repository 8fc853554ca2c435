using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>One value with all inputs, and the reusable request: the same answers as spans, over the same engine.</summary>
public sealed class WaysInTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void One_value_holds_all_inputs() => Assert.Equal(
        "1,2,3,4,5,6 [1,3,2] 7,8 [2,1] 5",
        Call(
            [Tensor("a", 1, "H", "W"), Tensor("b", "W", 1), Tensor("n", ManifestElementType.Int64)],
            """
            {
                var r = p.Predict(new EchoInput { A = new float[] { 1, 2, 3, 4, 5, 6 }, B = new float[] { 7, 8 }, N = 5, H = 3, W = 2 });
                return Show(r.AOut) + " " + Show(r.BOut) + " " + r.NOut;
            }
            """));

    [Fact]
    public void The_lengths_of_its_members_tell_the_batch() => Assert.Equal(
        "1,2,3,4 [2,2] 5,6 [2]", Call([Tensor("a", "N", 2), Tensor("b", "N")], """
            {
                var r = p.Predict(new EchoInput { A = new float[] { 1, 2, 3, 4 }, B = new float[] { 5, 6 } });
                return Show(r.AOut) + " " + Show(r.BOut);
            }
            """));

    [Fact]
    public void Members_that_do_not_fit_each_other_are_named()
    {
        var e = Assert.Throws<TargetInvocationException>(() => Call(
            [Tensor("a", "N", 2), Tensor("b", "N")], "Show(p.Predict(new EchoInput { A = new float[4], B = new float[3] }).AOut)")).InnerException;

        Assert.Equal("Input 'b': expected float32[N], got 3 elements, not 2.", Assert.IsType<TensorMismatchException>(e).Message);
    }

    [Fact]
    public void A_shape_of_unknown_rank_is_a_member() => Assert.Equal(
        "1,2,3 [1,3]",
        Call([Tensor("x", 1) with { Shape = null }], "Show(p.Predict(new EchoInput { X = new float[] { 1, 2, 3 }, XShape = new long[] { 1, 3 } }).XOut)"));

    [Fact]
    public void A_request_runs_on_its_own_memory_and_allocates_nothing() => Assert.Equal("4,5,6|7|0", Call(
        [Tensor("x", 1, 3), Tensor("n", ManifestElementType.Int64)],
        """
        {
            using var request = p.CreateRequest();
            for (int i = 0; i < 20; i++) request.Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                request.X[0] = 4;
                request.X[1] = 5;
                request.X[2] = 6;
                request.N = 7;
                request.Run();
            }
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            return string.Join(",", request.XOut.ToArray()) + "|" + request.NOut + "|" + bytes;
        }
        """));

    [Fact]
    public void The_other_part_of_the_class_may_hear_when_the_model_is_open() => new GeneratorRun(
        [new GeneratorRun.ManifestText("digits", ManifestWriter.Write(Digits))],
        "namespace My.App { partial class DigitsPredictor { internal bool IsReady { get; private set; } partial void OnOpened() => IsReady = true; } }").AssertCompiles();

    [Fact]
    public void Outputs_go_into_memory_of_the_caller_and_nothing_is_allocated() => Assert.Equal("4,5,6|7|0|1,2,3", Call(
        [Tensor("x", 1, 3), Tensor("n", ManifestElementType.Int64, 1)],
        """
        {
            float[] x = { 4, 5, 6 }, xOut = new float[3], other = new float[3];
            long[] n = { 7 }, nOut = new long[1];
            var input = new EchoInput { X = new float[] { 1, 2, 3 }, N = n };
            for (int i = 0; i < 20; i++) p.PredictInto(x, n, xOut, nOut);
            for (int i = 0; i < 20; i++) p.PredictInto(input, other, nOut);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) p.PredictInto(x, n, xOut, nOut);
            for (int i = 0; i < 1000; i++) p.PredictInto(input, other, nOut);
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            return string.Join(",", xOut) + "|" + nOut[0] + "|" + bytes + "|" + string.Join(",", other);
        }
        """));

    [Fact]
    public void Lengths_tell_the_batch_and_a_destination_that_does_not_fit_is_named() => Assert.Equal(
        "1,2,3,4 Output 'x_out': expected room for [2, 2], got 3 elements, not 4.",
        Call([Tensor("x", "N", 2)], """
            {
                var y = new float[4];
                p.PredictInto(new float[] { 1, 2, 3, 4 }, y);
                try { p.PredictInto(new float[] { 1, 2, 3, 4 }, new float[3]); } catch (TensorMismatchException e) { return string.Join(",", y) + " " + e.Message; }
                return "";
            }
            """));

    [Fact]
    public void A_request_takes_other_sizes() => Assert.Equal("1,1,1,1,1,1 [3,2]; 2,2 [1,2] 0", Call(
        [Tensor("x", "N", "W")],
        """
        {
            using var request = p.CreateRequest(3, 2);
            request.X.Fill(1);
            request.Run();
            string first = string.Join(",", request.XOut.ToArray()) + " [" + string.Join(",", request.XOutShape.ToArray()) + "]; ";
            request.Resize(1, 2);
            request.X.Fill(2);
            request.Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) request.Run();
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            return first + string.Join(",", request.XOut.ToArray()) + " [" + string.Join(",", request.XOutShape.ToArray()) + "] " + bytes;
        }
        """));

    [Fact]
    public void A_request_takes_what_no_span_can_show() => Assert.Equal("a,b [2] c 1,2 [1,2]", Call(
        [Tensor("s", ManifestElementType.String, "N"), Tensor("t", ManifestElementType.String), Tensor("x", 1) with { Shape = null }],
        """
        {
            using var request = p.CreateRequest();
            request.SetS(new[] { "a", "b" }, new long[] { 2 });
            request.SetT("c");
            request.SetXShape(new long[] { 1, 2 });
            request.X[0] = 1;
            request.X[1] = 2;
            request.Run();
            return Show(request.SOut) + " " + request.TOut + " " + string.Join(",", request.XOut.ToArray()) + " [" + string.Join(",", request.XOutShape.ToArray()) + "]";
        }
        """));

    [Fact]
    public void A_request_says_what_it_lacks()
    {
        var e = Assert.Throws<TargetInvocationException>(() => Call(
            [Tensor("s", ManifestElementType.String, 2)], "{ using var request = p.CreateRequest(); request.Run(); return \"\"; }")).InnerException;

        Assert.Equal("Input 's': expected string[2], got nothing.", Assert.IsType<TensorMismatchException>(e).Message);
    }

    [Fact]
    public void A_request_outlives_neither_itself_nor_its_predictor() => Assert.Equal("ObjectDisposedException ObjectDisposedException", Call(
        [Tensor("x", 2)],
        """
        {
            var first = p.CreateRequest();
            var second = p.CreateRequest();
            first.Dispose();
            first.Dispose();
            p.Dispose();
            return Failure(() => first.Run()) + " " + Failure(() => second.Run());

            static string Failure(Action action)
            {
                try { action(); return ""; } catch (Exception e) { return e.GetType().Name; }
            }
        }
        """));

    [Fact]
    public void Sequences_are_lists() => Assert.Equal(
        "2: 1,2 [2]; 3 [1,1]",
        Call(
            [Tensor("q", 1) with { Kind = ManifestValueKind.Sequence, Shape = null }],
            """
            {
                var tensors = new[] { new PredictionTensor<float>(new float[] { 1, 2 }, new long[] { 2 }), new PredictionTensor<float>(new float[] { 3 }, new long[] { 1, 1 }) };
                var all = p.Predict(tensors).QOut;
                return all.Count + ": " + string.Join("; ", all.Select(Show));
            }
            """));

    [Fact]
    public void Optionals_may_be_null() => Assert.Equal(
        "True False 1,2 [2]",
        GeneratedProgram.Run(
            _workspace,
            Of("echo", [Tensor("o", 2) with { Kind = ManifestValueKind.Optional }], [Tensor("o_out", ManifestElementType.Bool)]),
            new OnnxModel { Opset = 18 }
                .Input("o", OnnxModel.OptionalType(OnnxModel.TensorType(TensorElementType.Float32, [2])))
                .Output("o_out", TensorElementType.Bool)
                .Node("OptionalHasElement", ["o"], ["o_out"])
                .Build(),
            """
            {
                var tensor = new PredictionTensor<float>(new float[] { 1, 2 }, new long[] { 2 });
                return p.Predict(tensor).OOut + " " + p.Predict((PredictionTensor<float>?)null).OOut + " " + Show(tensor);
            }
            """));

    [Fact]
    public void Optional_sequences_may_be_null() => Assert.Equal(
        "True False",
        GeneratedProgram.Run(
            _workspace,
            Of("echo", [Tensor("o", "") with { Kind = ManifestValueKind.OptionalSequence }], [Tensor("has", ManifestElementType.Bool)]),
            new OnnxModel { Opset = 18 }
                .Input("o", OnnxModel.OptionalType(OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, [""]))))
                .Output("has", TensorElementType.Bool)
                .Node("OptionalHasElement", ["o"], ["has"])
                .Build(),
            """
            p.Predict(new[] { new PredictionTensor<float>(new float[] { 3 }, new long[] { 1 }) }).Has + " " + p.Predict((IReadOnlyList<PredictionTensor<float>>?)null).Has
            """));

    [Fact]
    public void Optional_sequences_come_out_as_lists() => Assert.Equal(
        "True 1,2 [2] | 3 [1]",
        GeneratedProgram.Run(
            _workspace,
            Of(
                "echo",
                [Tensor("o", "") with { Kind = ManifestValueKind.OptionalSequence }],
                [Tensor("has", ManifestElementType.Bool), Tensor("same", "") with { Kind = ManifestValueKind.OptionalSequence }]),
            new OnnxModel { Opset = 18 }
                .Input("o", OnnxModel.OptionalType(OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, [""]))))
                .Output("has", TensorElementType.Bool)
                .Output("same", OnnxModel.OptionalType(OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, [""]))))
                .Node("OptionalHasElement", ["o"], ["has"])
                .Node("Identity", ["o"], ["same"])
                .Build(),
            """
            {
                var result = p.Predict(new[] { new PredictionTensor<float>(new float[] { 1, 2 }, new long[] { 2 }), new PredictionTensor<float>(new float[] { 3 }, new long[] { 1 }) });
                return result.Has + " " + string.Join(" | ", System.Linq.Enumerable.Select(result.Same!, Show));
            }
            """));

    [Fact]
    public void Maps_and_sequences_of_maps_are_dictionaries() => Assert.Equal("1: 0.25, 2: 0.75 | 1: 0.5, 2: 0.5 | Y [{ 1: 0.25, 2: 0.75 }, { 1: 0.5, 2: 0.5 }]", GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("x", "N", 2)], [Tensor("y", 1) with { Kind = ManifestValueKind.Sequence, KeyType = ManifestElementType.Int64, Shape = new([]) }]),
        new OnnxModel()
            .Input("x", TensorElementType.Float32, "N", 2)
            .Output("y", OnnxModel.SequenceType(OnnxModel.MapType(TensorElementType.Int64, OnnxModel.TensorType(TensorElementType.Float32, []))))
            .Node("ZipMap", ["x"], ["y"], "ai.onnx.ml", OnnxModel.Attribute("classlabels_int64s", 1, 2))
            .Build(),
        """
        {
            var result = p.Predict(new float[] { 0.25f, 0.75f, 0.5f, 0.5f }, 2);
            string Text(IReadOnlyDictionary<long, float> map) => string.Join(", ", map.OrderBy(pair => pair.Key).Select(pair => pair.Key + ": " + pair.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            return string.Join(" | ", result.Y.Select(Text)) + " | " + result;
        }
        """));

    [Fact]
    public void A_map_is_an_input_too() => Assert.Equal("0,2,3 [1,3]", GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("m", 1) with { Kind = ManifestValueKind.Map, KeyType = ManifestElementType.String, Shape = new([]) }], [Tensor("y", 1, 3)]),
        new OnnxModel()
            .Input("m", OnnxModel.MapType(TensorElementType.String, OnnxModel.TensorType(TensorElementType.Float32, [])))
            .Output("y", TensorElementType.Float32, 1, 3)
            .Node("DictVectorizer", ["m"], ["y"], "ai.onnx.ml", new ProtoWriter().Text(1, "string_vocabulary").Text(9, "a").Text(9, "b").Text(9, "c").Number(20, 8))
            .Build(),
        "Show(p.Predict(new Dictionary<string, float> { [\"c\"] = 3, [\"b\"] = 2 }).Y)"));

    private string Call(ManifestValue[] inputs, string expression)
    {
        var outputs = inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();
        return GeneratedProgram.Run(_workspace, Of("echo", inputs, outputs), GeneratedProgram.Identities(inputs), expression);
    }
}
