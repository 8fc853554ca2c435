using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>What is asked of a candidate that gains little, with times that are made up: no clock decides here.</summary>
public sealed class PlacementSearchTests : IDisposable
{
    private static readonly string[] OnceAndForMany = ["1", "32"];

    private readonly Workspace _workspace = new();
    private readonly List<IDisposable> _images = [];

    /// <summary>The rows of what was timed, in order.</summary>
    private readonly List<string> _timed = [];

    /// <summary>The ratios above which a candidate ran no more.</summary>
    private readonly List<string> _limits = [];

    public void Dispose()
    {
        _images.ForEach(image => image.Dispose());
        _workspace.Dispose();
    }

    [Theory]
    [InlineData(0.75, 0.9, true)]
    [InlineData(0.75, 0.91, false)]
    [InlineData(0.76, 0.76, false)]
    public void Only_what_is_clearly_faster_ships_as_it_was_measured(double ratio, double worst, bool isClear)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(_ => 1);
        Assert.True(search.Holds(new PlacedCandidate(candidate, ratio, worst)));
        Assert.Equal(isClear ? [] : OnceAndForMany, _timed);
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(1.0, true)]
    [InlineData(1.01, false)]
    public void What_gains_little_has_to_gain_again(double again, bool holds)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(rows => rows == 1 ? again : 0.5);
        Assert.Equal(holds, search.Holds(new PlacedCandidate(candidate, 0.9, 0.95)));
        Assert.Equal(holds ? OnceAndForMany : ["1"], _timed);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1.02, true)]
    [InlineData(1.03, false)]
    public void What_gains_little_must_not_be_slower_for_many_samples(double ofMany, bool holds)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(rows => rows == 32 ? ofMany : 0.9);
        Assert.Equal(holds, search.Holds(new PlacedCandidate(candidate, 0.9, 0.95)));
        Assert.Equal(OnceAndForMany, _timed);
    }

    [Fact]
    public void Samples_that_are_large_are_not_tried_many_at_a_time()
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(rows => rows == 1 ? 0.9 : 2, width: (1 << 14) + 4, columns: 4);
        Assert.True(search.Holds(new PlacedCandidate(candidate, 0.9, 0.95)));
        Assert.Equal("1", Assert.Single(_timed));
    }

    [Fact]
    public void A_model_of_one_sample_a_run_is_not_tried_with_many()
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(rows => rows == 1 ? 0.9 : 2, isOpen: false);
        Assert.True(search.Holds(new PlacedCandidate(candidate, 0.9, 0.95)));
        Assert.Equal("1", Assert.Single(_timed));
    }

    [Theory]
    [InlineData(7.8, true)]
    [InlineData(7.9, false)]
    public void Runs_of_many_samples_that_would_take_long_are_not_tried(double millisecondsOfOne, bool areTried)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(_ => 0.9, milliseconds: millisecondsOfOne);
        PlacedCandidate placed = search.Run(candidate, isTuning: true)[0];
        _timed.Clear();
        Assert.True(search.Holds(placed));
        Assert.Equal(areTried ? OnceAndForMany : ["1"], _timed);
    }

    [Theory]
    [InlineData(0.5, 0.95, true)]
    [InlineData(0.96, 0.96, true)]
    [InlineData(0.98, 0.98, false)]
    [InlineData(0.5, 1.01, false)]
    [InlineData(1.01, 0.1, false)]
    public void Is_worth_it_where_it_gains_and_loses_at_no_size(double ofOne, double ofEight, bool isWorthwhile)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(rows => rows == 1 ? ofOne : ofEight);
        Assert.Equal(isWorthwhile, search.Run(candidate, isTuning: true)[0].IsWorthwhile);
        // What is slower for one sample is not asked what it takes for eight.
        Assert.Equal(ofOne <= 1, _timed.Contains("8"));
    }

    [Theory]
    [InlineData(0.7, false, "1 8")]
    [InlineData(0.91, false, "1 1 8")]
    [InlineData(0.7, true, "1 8 1 8")]
    [InlineData(0.91, true, "1 1 8")]
    public void Is_looked_at_with_several_samples_only_where_it_may_be_clearly_faster(double ratio, bool isTuning, string timed)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(_ => ratio);
        search.Run(candidate, isTuning);
        Assert.Equal(timed.Split(' '), _timed);
    }

    [Theory]
    // Surely worth it, surely slower, and neither: what is not sure is measured longer. So is everything where time is asked for.
    [InlineData(0.85, 0.02, false, "1 8")]
    [InlineData(1.05, 0.02, false, "1")]
    [InlineData(0.85, 0.3, false, "1 8 1 8")]
    [InlineData(0.85, 0.02, true, "1 8 1 8")]
    public void Is_not_measured_again_where_a_look_was_enough_and_nothing_else_may_be_faster(double ratio, double doubt, bool isTuning, string timed)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(_ => ratio, doubt: doubt);
        Assert.Same(candidate, Assert.Single(search.Run(candidate, isTuning)).Candidate);
        Assert.Equal(timed.Split(' '), _timed);
    }

    [Theory]
    [InlineData(0.7, "0.90 0.80")]
    [InlineData(0.8, "0.90 0.70")]
    public void What_is_left_to_the_last_of_the_sizes_hangs_on_those_before(double ratio, string limits)
    {
        (PlacementSearch search, Int8Candidate candidate) = Search(_ => ratio);
        search.Run(candidate, isTuning: false);
        Assert.Equal(limits.Split(' '), _limits.Take(2));
    }

    /// <summary>A search in which the candidate takes a share of the time in floating point, by the samples of a run, which is known within some doubt.</summary>
    private (PlacementSearch Search, Int8Candidate Candidate) Search(Func<long, double> ratio, int width = 16, int columns = 16, bool isOpen = true, double milliseconds = 1, double doubt = 0)
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Gemm", b.Input("x", isOpen ? Dim.Named("n") : 1, width), b.Weights(1, width, columns), b.Weights(2, columns)));
        Model model = b.Output("y", b.Op("Gemm", h, b.Weights(3, columns, 4), b.Weights(4, 4))).Model;
        model.InferTypes();
        string path = _workspace.Write("x.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(TestTensors.Normal(5, 32, width).Floats(), 32, width))));
        SampleSet samples = SampleSet.Open(path, SampleInput.Of(model));
        CancellationToken token = TestContext.Current.CancellationToken;
        ModelImage inFloat = ModelImage.Of(model);
        var builder = new Int8Builder(model.Clone(), TargetProfile.CpuPortable, samples.Inputs(samples.Count, token), token);
        Int8Candidate candidate = builder.Build(new Int8Recipe(RangeMethod.MinMax, new HashSet<string>()));
        _images.AddRange([inFloat, candidate.Image]);
        return (new PlacementSearch(builder, inFloat, samples, progress: null, token) { Compare = Times }, candidate);

        LatencyResult Times(IReadOnlyList<(InferenceSession Session, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs)> models, LatencyBudget budget)
        {
            long rows = models[0].Inputs[0].Value.Shape[0];
            _timed.Add(rows.ToString(CultureInfo.InvariantCulture));
            _limits.Add($"{budget.Hopeless:F2}");
            double ms = milliseconds * rows;
            return new LatencyResult([.. models.Select((_, i) => i == 0 ? new LatencyFigures(ms, ms, 1) : new LatencyFigures(ms * ratio(rows), ms, ratio(rows)) { Interval = (ratio(rows) - doubt, ratio(rows) + doubt) })], 6);
        }
    }
}
