using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Equalization;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Finds the recipe of static int8 whose outputs agree best: how ranges are chosen, how far the channels of activations are evened out, whether
/// the products before the outputs or before a logarithm stay in floating point, and how weights are rounded.
/// </summary>
internal sealed class Int8Search(CompilationJob job, SampleSet samples)
{
    /// <summary>Decibels from which on there is nothing to mend. A trained network at 32 lost three of its two thousand answers, at 37 none.</summary>
    private const double GoodDb = 36;

    /// <summary>Decibels from which on neither channels are evened out nor tails kept in floating point: what that may gain is not worth looking for.</summary>
    private const double FairDb = 30;

    /// <summary>What ranges have to gain from there on: a few tenths move some answers to the right and others to the wrong side.</summary>
    private const double ClearGainDb = 1;

    /// <summary>What evening out has to gain.</summary>
    private const double EqualizationGainDb = 0.5;

    /// <summary>The same where samples are made up, on which it gains though real ones lose: only a model that goes to pieces without it is helped by it.</summary>
    private const double MadeUpEqualizationGainDb = 10;

    /// <summary>What it has to gain to leave products in floating point for the answers' sake.</summary>
    private const double FloatGainDb = 3;

    /// <summary>
    /// What rounding by least squares may seem to lose on these samples: it lessens the error of every product by construction and costs nothing where the
    /// model runs, while the outputs move by as much whichever way the errors of the activations happen to fall.
    /// </summary>
    private const double RoundingNoiseDb = 0.5;

    /// <summary>Samples that are enough to see how long integers take: which numbers they hold hardly moves that.</summary>
    private const int TimedSamples = 4;

    /// <summary>What is left out at first has to be so many times as much: where integers gain, another session observes it.</summary>
    private const int WorthwhileShare = 4, LargeShare = 25;

    private static readonly RangeMethod[] Methods = [RangeMethod.MinMax, RangeMethod.PerTensor];

    private static readonly double[] Strengths = [0, 0.5, 0.85];

    private readonly Lazy<Model?> _normalized = new(() => samples.IsMadeUp ? NormalizedModel(job, samples) : null);
    private readonly Lazy<Model> _prepared = new(() => Prepare(job, job.Model));
    private Int8Builder? _plain;
    private Int8Candidate? _made;
    private (Int8Candidate From, Int8Candidate Candidate, double Sqnr)? _rounded;
    private IReadOnlyDictionary<string, double[]>? _largest;

    /// <summary>The best candidate, and the builder that makes others like it.</summary>
    /// <param name="start">What is in floating point, and on tiles, for the sake of time.</param>
    /// <param name="made">A candidate of that recipe, where there is one.</param>
    public (Int8Builder Builder, Int8Candidate Best) Run(Int8Recipe start, Int8Candidate? made = null)
    {
        _made = made;
        if (_normalized.Value is not null)
        {
            // What agrees best on random inputs says nothing of others, whose statistics are known.
            Int8Builder builder = Builder(0);
            return (builder, builder.Build(start with { Ranges = RangeMethod.Doubled }));
        }
        (Int8Builder Builder, Int8Candidate Best)? best = null;
        double highest = double.NegativeInfinity;
        foreach (double strength in Strengths)
        {
            job.Progress?.Report(strength == 0 ? $"calibrating on {samples.Count} samples" : FormattableString.Invariant($"with channels evened out by {strength}:"));
            Int8Builder builder = Builder(strength);
            if (builder == best?.Builder) break;
            (Int8Candidate candidate, double sqnr) = BestRanges(builder, start with { Equalization = strength }, best is { } known ? [known.Best.Recipe.Ranges] : Methods);
            if (sqnr <= highest + (samples.IsMadeUp ? MadeUpEqualizationGainDb : EqualizationGainDb)) break;
            (best, highest) = ((builder, candidate), sqnr);
            if (sqnr >= FairDb) break;
        }
        (Int8Builder chosen, Int8Candidate ranged) = best!.Value;
        if (highest >= GoodDb) return (chosen, ranged);
        return (chosen, Round(chosen, WithTails(chosen, WithLogarithms(chosen, (ranged, highest)))).Candidate);
    }

    /// <summary>A copy of the model that is calibrated enough to time candidates; <see cref="Builder"/> completes it.</summary>
    public Int8Builder Beginning()
    {
        // To open a large model again takes as long as to run it on many samples.
        bool isEnough = samples.Count > (ModelImage.IsHeldAt(OnnxWriter.WeightBytes(job.Model)) ? WorthwhileShare : LargeShare) * TimedSamples;
        return _plain ??= Calibrate(isEnough ? TimedSamples : int.MaxValue);
    }

    private Int8Builder Calibrate(int first) => new(_prepared.Value.Clone(), job.Options.Target, job.Inputs(samples, samples.Count), job.Cancellation, _normalized.Value, samples.IsMadeUp, first);

    /// <summary>A calibrated copy of the model whose channels are evened out; where there is nothing to even out, the one for a strength of zero.</summary>
    public Int8Builder Builder(double strength)
    {
        _plain ??= Calibrate(int.MaxValue);
        _plain.Complete();
        if (strength == 0) return _plain;
        Model model = _prepared.Value.Clone();
        _largest ??= ChannelEqualizer.Largest(model, job.Inputs(samples, job.Evaluator!.FewSamples), job.Cancellation);
        IReadOnlySet<string> changed = ChannelEqualizer.Equalize(model, _largest, strength);
        return changed.Count == 0 ? _plain : _plain.ForCopy(model, changed);
    }

    /// <summary>The prepared model with other statistics in its normalizations, see <see cref="NormalizationStatistics"/>; null where it has none.</summary>
    private static Model? NormalizedModel(CompilationJob job, SampleSet samples)
    {
        Model model = job.Given.Read();
        FunctionInliner.Inline(model);
        if (job.IsNarrowed) new DoubleNarrowing().Apply(new PassContext(model, job.Options.Target));
        int count = NormalizationStatistics.Match(model, [.. job.Inputs(samples, samples.Count)], job.Cancellation);
        if (count == 0) return null;
        job.Progress?.Report($"there are no samples: the statistics of {count} normalizations stand for them");
        CompilationJob copy = job with { Passes = new PassContext(model, job.Options.Target) };
        PassPipeline.BeforeQuantization.Run(copy.Passes, job.Cancellation);
        copy.RaiseOpset(job.Model.Opset, PassPipeline.BeforeQuantization);
        // Prepared in the same way it has the same tensors, unless a pass looked at the statistics.
        HashSet<string> there = [.. model.Graph.Values().Select(value => value.Name)];
        return job.Model.Graph.Nodes.All(node => node.Outputs.ToArray().All(output => there.Contains(output.Name))) ? Prepare(job, model) : null;
    }

    /// <summary>The model as integers compute it: itself, or a copy that has convolutions where it has transposed ones.</summary>
    public static Model Prepare(CompilationJob job, Model model)
    {
        if (!model.Graph.Nodes.Any(node => node.Is("ConvTranspose"))) return model;
        var context = new PassContext(model.Clone(), job.Options.Target);
        PassPipeline.Subpixels.Run(context, job.Cancellation);
        return context.Model;
    }

    private (Int8Candidate Candidate, double Sqnr) BestRanges(Int8Builder builder, Int8Recipe recipe, RangeMethod[] methods)
    {
        Int8Candidate? best = null;
        double highest = double.NegativeInfinity;
        foreach (RangeMethod method in methods)
        {
            job.Cancellation.ThrowIfCancellationRequested();
            Int8Candidate candidate = Build(builder, recipe with { Ranges = method });
            double sqnr = Sqnr(candidate);
            // A tenth of a decibel is within what another CPU's kernels may differ by: the simpler method wins there, on every machine.
            if (sqnr <= highest + (highest >= FairDb ? ClearGainDb : 0.1)) continue;
            (best, highest) = (candidate, sqnr);
            if (sqnr >= GoodDb) break;
            // Where the answers are nearly good, better weights often do, and they are rounded in any case: then no other ranges are looked for.
            if (sqnr >= FairDb && method != methods[^1] && Round(builder, (candidate, sqnr)) is { Sqnr: >= GoodDb } rounded) return rounded;
        }
        return (best!, highest);
    }

    /// <summary>Keeps the products before a logarithm in floating point where the outputs gain much by it.</summary>
    private (Int8Candidate Candidate, double Sqnr) WithLogarithms(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best) =>
        InFloat(builder, best, LogarithmicProducts.Of(builder.Model.Graph, builder.Products));

    /// <summary>Keeps the products before the outputs in floating point where the outputs gain much by it: they are few, and what decodes them is in float anyway.</summary>
    private (Int8Candidate Candidate, double Sqnr) WithTails(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best)
    {
        IReadOnlySet<string> tails = TailProducts.Of(builder.Model.Graph, builder.Products);
        return tails.Count > builder.Products.Count / 2 ? best : InFloat(builder, best, tails);
    }

    private (Int8Candidate Candidate, double Sqnr) InFloat(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best, IReadOnlySet<string> products)
    {
        string[] open = [.. products.Except(best.Candidate.Recipe.InFloat)];
        if (best.Sqnr >= FairDb || open.Length == 0) return best;
        Int8Candidate kept = Build(builder, best.Candidate.Recipe with { KeptInFloat = best.Candidate.Recipe.KeptInFloat.Union(open).ToHashSet() });
        double sqnr = Sqnr(kept);
        return sqnr > best.Sqnr + FloatGainDb ? (kept, sqnr) : best;
    }

    /// <summary>Rounds the weights by least squares, unless the outputs lose more than noise by it.</summary>
    private (Int8Candidate Candidate, double Sqnr) Round(Int8Builder builder, (Int8Candidate Candidate, double Sqnr) best)
    {
        if (!ReferenceEquals(_rounded?.From, best.Candidate))
        {
            Int8Candidate rounded = Build(builder, best.Candidate.Recipe with { LeastSquares = true });
            _rounded = (best.Candidate, rounded, Sqnr(rounded));
        }
        (_, Int8Candidate candidate, double sqnr) = _rounded!.Value;
        return sqnr > best.Sqnr - RoundingNoiseDb ? (candidate, sqnr) : best;
    }

    /// <summary>A candidate, made without a session of the source: its answers are known from the first candidate on, and its memory is wanted.</summary>
    private Int8Candidate Build(Int8Builder builder, Int8Recipe recipe)
    {
        if (ReferenceEquals(builder, _plain) && _made?.Recipe == recipe) return _made;
        job.Given.Release();
        return builder.Build(recipe);
    }

    private double Sqnr(Int8Candidate candidate)
    {
        double sqnr = job.Evaluator!.CompareOnFew(candidate.Image, job.Cancellation).Sqnr;
        job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {sqnr:F1} dB"));
        return sqnr;
    }
}
