using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models that give nothing but choices are judged by what they choose from, and do not give it when they ship.</summary>
public sealed class SelectionTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly GraphBuilder _g = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Mixed)]
    public void A_detector_that_gives_selected_boxes_only_stays_on_integers(Precision precision)
    {
        CompileResult result = Compile(Detector(), precision);

        Assert.Equal((3, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal(["found"], result.Model.Graph.Outputs.Select(output => output.Name));
        OutputAgreement found = Assert.Single(result.Agreement!.Outputs);
        // One box more or less, and all behind it differ: with that the model went to float.
        Assert.Equal(("found", true), (found.Name, found.IsSelection));
        Assert.InRange(found.SqnrDb, -10, 7);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void A_detector_under_a_budget_keeps_layers_in_float_or_says_that_none_holds_it()
    {
        Exception? error = Record.Exception(() => Assert.True(Compile(Detector(), Precision.Int8, drop: 0.01).FloatNodes > 0));
        Assert.True(error is null or CompilerException { Code: "OM4001" }, error?.ToString());
    }

    [Fact]
    public void A_segmentation_that_gives_classes_only_is_judged_by_its_scores_and_by_the_share_of_classes()
    {
        // Scores of hundreds of classes lie so close together that a fifth of the pixels get another one.
        CompileResult result = Compile(Segmentation(classes: 400), Precision.Int8);

        Assert.Equal((3, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal(["classes"], result.Model.Graph.Outputs.Select(output => output.Name));
        Assert.InRange(Assert.Single(result.Agreement!.Outputs).Same!.Value, 0.5, 0.95);
        Assert.Equal("OM4016", Assert.Single(result.Warnings).Code);
    }

    [Fact]
    public void Under_a_budget_the_share_of_classes_counts()
    {
        var scores = new OutputAgreement("scores", 0.99, 20, 1, 0.5) { IsBeforeSelection = true, Regret = 0.3 };
        var evaluation = new Evaluation(new Agreement(10, [new OutputAgreement("classes", 0.5, -3, 9, null) { Same = 0.98 }, scores]), null);
        Assert.Equal((2, 2, 20, 20), (Math.Round(evaluation.Drop, 9), Math.Round(evaluation.ExpectedDrop, 9), evaluation.WorstSqnr, evaluation.Sqnr));
    }

    [Fact]
    public void Of_boxes_whose_number_is_open_the_scores_count_under_a_budget_too()
    {
        var scores = new OutputAgreement("scores", 0.99, 20, 1, 0.9) { IsBeforeSelection = true, Regret = 0.001 };
        var evaluation = new Evaluation(new Agreement(10, [new OutputAgreement("boxes", 0.5, -3, 9, 0.1) { IsSelection = true, Regret = 0.9 }, scores]), null);
        Assert.Equal((10, 1, 20), (Math.Round(evaluation.Drop, 9), Math.Round(evaluation.ExpectedDrop, 9), evaluation.WorstSqnr));
    }

    [Fact]
    public void What_has_layers_behind_a_choice_or_gives_numbers_too_is_judged_by_its_outputs()
    {
        Value x = _g.Op("MatMul", _g.Input("x", 4, 8), _g.Weights(1, 8, 8));
        Value best = _g.Op("Gather", x, _g.Node("TopK", [_g.Op("ReduceMax", [x], new("axes", [1L]), new("keepdims", 0L)), _g.Constant([2L])], outputs: 2).Outputs[1]);
        _g.Output("best", best);
        _g.Model.InferTypes();
        Assert.Equal(2, SelectionInputs.Of(_g.Graph).Count);
        _g.Output("x", x);
        Assert.Empty(SelectionInputs.Of(_g.Graph));
        _g.Graph.RemoveOutput(1);
        _g.Output("second stage", _g.Op("MatMul", best, _g.Weights(2, 8, 8)));
        Assert.Empty(SelectionInputs.Of(_g.Graph));
    }

    private Model Detector()
    {
        Value x = Convolved(Convolved(_g.Input("x", 1, 8, 12, 12), 1, 16, 8), 2, 16, 16);
        Value raw = _g.Op("Reshape", _g.Op("Conv", x, _g.Weights(3, 6, 16, 1, 1)), _g.Constant([1L, 6, 144]));
        Value rows = _g.Op("Transpose", [raw], new NodeAttribute("perm", [0L, 2, 1]));
        Value corner = _g.Op("Sigmoid", Columns(rows, 0, 2)), size = _g.Op("Mul", _g.Op("Sigmoid", Columns(rows, 2, 4)), _g.Scalar(0.3f));
        Value boxes = _g.Op("Concat", [corner, _g.Op("Add", corner, size)], new NodeAttribute("axis", 2L));
        Value scores = _g.Op("Transpose", [_g.Op("Sigmoid", Columns(rows, 4, 6))], new NodeAttribute("perm", [0L, 2, 1]));
        Value selected = _g.Op("NonMaxSuppression", boxes, scores, _g.Scalar(30L), _g.Scalar(0.5f), _g.Scalar(0.5f));
        Value index = _g.Op("Gather", [selected, _g.Scalar(2L)], new NodeAttribute("axis", 1L));
        return _g.Output("found", _g.Op("Gather", [_g.Op("Squeeze", boxes, _g.Constant([0L])), index], new NodeAttribute("axis", 0L))).Model;
    }

    private Model Segmentation(int classes)
    {
        Value x = Convolved(Convolved(_g.Input("x", 1, 8, 12, 12), 1, 16, 8), 2, 16, 16);
        Value scores = _g.Op("Conv", x, _g.Weights(3, classes, 16, 1, 1));
        return _g.Output("classes", _g.Op("ArgMax", [scores], new("axis", 1L), new("keepdims", 0L))).Model;
    }

    private Value Convolved(Value x, int seed, int to, int from) =>
        _g.Op("Relu", _g.Op("Conv", [x, _g.Weights(seed, to, from, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1])));

    private Value Columns(Value rows, long first, long end) => _g.Op("Slice", rows, _g.Constant([first]), _g.Constant([end]), _g.Constant([2L]));

    private CompileResult Compile(Model model, Precision precision, double? drop = null)
    {
        model.InferTypes();
        var options = new CompileOptions { Precision = precision, CalibrationPath = SampleFolder.Write(_workspace, model, count: 24), MeasureLatency = false, MaxAccuracyDrop = drop };
        return Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
    }
}
